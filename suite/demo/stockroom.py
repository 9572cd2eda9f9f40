"""The stockroom of the demo: goods at the dock, lots, a count half done, a transfer on its way to the other plant."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db.models import F

from erp import services as erp
from erp.models import StockBalance
from erp.stock import counting, transferring
from masterdata.models import Location, Material, Plant, User
from suite.demo.factory import Demo


def tell(demo: Demo, users: dict[str, User]) -> None:
    """A dock with two deliveries to put away, two lots of glue of which one ends soon, a sheet, a transfer."""
    plant = demo.plants["DG"]
    main = demo.stock["DG"]
    dock = Location.objects.create(
        plant=plant, warehouse=main.warehouse, code="DOCK", name="Receiving dock", is_receiving=True
    )
    free = list(
        StockBalance.objects.filter(
            plant=plant, location=main, sales_order=None, lot=None, on_hand__gte=F("reserved") + 20,
            material__unit__code="PC",
        ).order_by("material__code")[:4]
    )  # fmt: skip
    for row in free[:2]:
        pieces = [transferring.Piece(row.pk, Decimal(10))]
        transferring.transfer_stock(pieces=pieces, target_id=dock.pk, now=demo.now, note="From the truck")
    _glue(demo, main, dock)
    _count(demo, plant, free[0].material, users["wanda"])
    other = next(one for code, one in demo.plants.items() if code != "DG")
    erp.send_transfer(
        pieces=[transferring.Piece(row.pk, Decimal(5)) for row in free[2:]],
        to_plant=other,
        now=demo.now,
        expected_at=demo.now + dt.timedelta(days=3),
        note="Spare parts for the second plant",
    )


def _glue(demo: Demo, main: Location, dock: Location) -> None:
    like = demo.materials["ABR-180"]
    glue = Material.objects.create(
        code="GLUE-D3", name="Wood glue D3, bottle", category=like.category, unit=like.unit,
        supply=Material.Supply.BUY, standard_cost=Decimal("4.20"), tracking=Material.Tracking.LOT,
    )  # fmt: skip
    for number, place, quantity, days in (("D3-0311", main, 24, 21), ("D3-0418", dock, 60, 240)):
        lot = erp.ensure_lot(
            material=glue, number=number, now=demo.now, expires_on=demo.now.date() + dt.timedelta(days=days)
        )
        row = erp.OpeningStock(glue.pk, place.pk, Decimal(quantity), Decimal("4.20"), lot.pk)
        erp.receive_opening(rows=[row], now=demo.now)


def _count(demo: Demo, plant: Plant, material: Material, by: User) -> None:
    """One of its two places is counted, and one piece is missing there."""
    sheet = counting.make_count_sheet(plant=plant, material=material, now=demo.now)
    line = sheet.lines.order_by("pk").first()
    if line is not None:
        held = StockBalance.objects.get(material=material, location=line.location_id, lot=None, sales_order=None)
        counting.enter_count(line_id=line.pk, quantity=held.on_hand - 1, by=by, now=demo.now)
    counting.set_count_limit(plant=plant, amount=Decimal(50))
