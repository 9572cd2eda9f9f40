"""Buying in the demo: requisitions, suppliers that were asked and answered, a tolerance, a cheaper tier, a return."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db.models import F

from erp import services as erp
from erp.models import DeliveryTolerance, PlannedOrder, ReceiptLine, SupplierPrice
from masterdata.models import Partner, User
from suite.demo.factory import Demo


def tell(demo: Demo, users: dict[str, User]) -> None:
    """The warehouse asks for parts; berta agrees to some and asks two suppliers, of whom one has answered."""
    day = demo.now.date() + dt.timedelta(days=20)
    agreed = _wish(
        demo, users["wanda"], "Spare parts for the showroom in Hamburg", [("HDL-BAR", 60), ("HNG-155", 40)], day
    )
    _wish(demo, users["quentin"], "Samples for the pull test", [("CAM-15", 200)], day)
    _wish(demo, users["marek"], "Belts for the second sander", [("ABR-180", 24)], day)
    erp.approve_requisition(requisition_id=agreed, by=users["berta"], now=demo.now)
    _ask(demo, agreed, day)
    price = SupplierPrice.objects.select_related("supplier").get(material__code="CAM-15")
    SupplierPrice.objects.create(
        supplier=price.supplier,
        material=price.material,
        unit=price.unit,
        price=price.price * Decimal("0.9"),
        from_quantity=Decimal(20000),
        lead_time_days=price.lead_time_days,
        pack_quantity=Decimal(500),
        supplier_article="262.26.530",
    )
    DeliveryTolerance.objects.create(supplier=price.supplier, over_percent=Decimal(5), under_percent=Decimal(2))
    _send_back(demo)


def _wish(demo: Demo, by: User, reason: str, parts: list[tuple[str, int]], day: dt.date) -> int:
    lines = [erp.RequisitionLineInput(demo.materials[code].pk, Decimal(quantity), day) for code, quantity in parts]
    row = erp.request_purchase(plant=demo.plants["DG"], by=by, reason=reason, lines=lines, now=demo.now)
    return row.pk


def _ask(demo: Demo, requisition_id: int, day: dt.date) -> None:
    planned = PlannedOrder.objects.filter(requisition_line__requisition=requisition_id).order_by("pk")
    suppliers = [Partner.objects.get(code=code) for code in ("BLUM", "HAFELE")]
    request = erp.request_quotations(
        planned_order_ids=[row.pk for row in planned],
        supplier_ids=[one.pk for one in suppliers],
        answer_by=day - dt.timedelta(days=14),
        now=demo.now,
    )
    for supplier, prices in ((suppliers[0], ("3.05", "2.48")), (suppliers[1], ("2.96", "2.55"))):
        lines = request.lines.order_by("pk")
        erp.answer_quotation(
            request_id=request.pk,
            supplier_id=supplier.pk,
            answers=[
                erp.AnswerInput(line_id=line.pk, unit_price=Decimal(price), lead_time_days=9)
                for line, price in zip(lines, prices, strict=True)
            ],
            now=demo.now,
        )


def _send_back(demo: Demo) -> None:
    """Two pieces of what came and is still free."""
    free = ReceiptLine.objects.filter(
        quantity__gte=2,
        lot=None,
        order_line__material__balances__on_hand__gte=F("order_line__material__balances__reserved") + 2,
        order_line__material__balances__sales_order=None,
        order_line__material__unit__code="PC",
    )
    line = free.order_by("-pk").first()
    if line is not None:
        erp.return_to_supplier(
            receipt_id=line.receipt_id,
            lines=[(line.pk, Decimal(2))],
            reason="Scratched in transport",
            is_replaced=True,
            now=demo.now,
        )
