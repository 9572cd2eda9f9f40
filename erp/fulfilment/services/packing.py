"""Packing by scan: a shipment is begun, packages are filled and weighed, and each is scanned when it is loaded."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import Sum

from erp.fulfilment.models import Package, PackageContent, Shipment, ShipmentLine
from erp.fulfilment.services.holding import hold_order, hold_shipment, shipping_of, shown
from erp.fulfilment.services.leaving import NothingToPack, OverShip
from erp.sales.models import SalesOrderLine
from erp.sales.selectors.ready import ReadyLine, ready_lines
from erp.sales.services.credit import check_credit
from erp.stock.models import Lot, Reservation, StockBalance
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Material, Partner, Plant
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO
from masterdata.units import check_quantity


class NotOfThisOrder(Refusal):
    """What was scanned is on no line of the order that is still to be packed."""

    code: ClassVar[str] = "not_of_this_order"


class NoSuchPackage(Refusal):
    """What was scanned is no package of this shipment."""

    code: ClassVar[str] = "no_such_package"


class PackageNotEmpty(Refusal):
    """Only an empty package is taken away."""

    code: ClassVar[str] = "package_not_empty"


@transaction.atomic
def start_packing(*, order_id: int, plant: Plant, now: dt.datetime) -> Shipment:
    """Begin a shipment that is packed by scan; the one that is begun already, when there is one. Locks the order.

    Raises CreditHold, NothingToPack.
    """
    order = hold_order(order_id)
    begun = order.shipments.filter(plant=plant, shipped_at=None, is_scanned=True).order_by("-pk").first()
    if begun is not None:
        return begun
    check_credit(orders=[order], now=now)
    if not any(one.plant_id == plant.pk and one.quantity > 0 for one in ready_lines(order_id)):
        raise NothingToPack(f"Nothing of {order.number} is ready in {plant.name}.", order_id=order_id)
    shipping = shipping_of(order)
    shipment = Shipment.objects.create(
        number=next_numbers(company=order.company, kind="SH", year=now.year)[0],
        order=order,
        plant=plant,
        address=shipping.address,
        carrier=shipping.carrier,
        delivery_terms=shipping.delivery_terms,
        is_scanned=True,
        packed_at=now,
    )
    live.publish("order", order_id)
    return shipment


@transaction.atomic
def add_package(*, shipment_id: int, kind: str = Package.Kind.CARTON, parent_id: int | None = None) -> Package:
    """Another package, on a pallet of the shipment or by itself. Locks the order.

    Raises NoSuchPackage, InvalidInput, AlreadyShipped.
    """
    shipment = _held(shipment_id)
    parent = None
    if parent_id is not None:
        parent = shipment.packages.filter(pk=parent_id, kind=Package.Kind.PALLET).first()
        if parent is None:
            raise NoSuchPackage("Choose a pallet of this shipment.", field="parent")
    if kind not in Package.Kind.values:
        raise InvalidInput("A package is a carton or a pallet.", field="kind")
    package = Package.objects.create(number="", shipment=shipment, kind=kind, parent=parent)
    package.number = sscc(shipment.plant.company_id, package.pk)
    package.save(update_fields=["number"])
    _changed(shipment)
    return package


def sscc(company_id: int, serial: int) -> str:
    """18 digits: 0, seven of the company, nine of the package, and the check digit of GS1 (weights 3 and 1)."""
    body = f"0{company_id % 10**7:07d}{serial % 10**9:09d}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


@transaction.atomic
def pack_into(*, package_id: int, goods: str, quantity: Decimal | None = None, lot: str = "") -> PackageContent:
    """Put goods into a package: `goods` is a material's code or a lot's number. Empty `quantity`: one.

    Goes to the first line of the order that lacks it. Locks the order. Raises NotOfThisOrder, OverShip, PartOfStep,
    AlreadyShipped.
    """
    shipment = _held(Package.objects.values_list("shipment_id", flat=True).get(pk=package_id))
    package = shipment.packages.get(pk=package_id)
    material, found = _scanned(shipment, goods.strip(), lot.strip())
    line, ready = _line_for(shipment, material)
    there = _of_lot(shipment, line, found)
    wanted = Decimal(1) if quantity is None else quantity
    check_quantity(material=material, quantity=wanted, field="quantity", line_id=line.pk)
    most = min(ready.quantity, there)
    if wanted > most:
        what = f"{material.code}{f' of lot {found.number}' if found else ''}"
        raise OverShip(
            f"{shown(max(ZERO, most))} of {what} can still be packed: put in at most that.",
            field="quantity", line_id=line.pk, ready=str(most),
        )  # fmt: skip
    row, is_new = ShipmentLine.objects.get_or_create(shipment=shipment, order_line=line, defaults={"quantity": wanted})
    if not is_new:
        row.quantity += wanted
        row.save(update_fields=["quantity"])
    content, is_new = PackageContent.objects.get_or_create(
        package=package, line=row, lot=found, defaults={"quantity": wanted}
    )
    if not is_new:
        content.quantity += wanted
        content.save(update_fields=["quantity"])
    Package.objects.filter(pk=package.pk).update(loaded_at=None)
    _changed(shipment)
    return content


@transaction.atomic
def take_out(*, content_id: int, quantity: Decimal | None = None) -> None:
    """Take goods out of their package again (all, or so much). Locks the order. Raises OverShip, AlreadyShipped."""
    found = PackageContent.objects.select_related("package").get(pk=content_id)
    shipment = _held(found.package.shipment_id)
    content = PackageContent.objects.select_related("line__order_line__material__unit").get(pk=content_id)
    part = content.quantity if quantity is None else quantity
    if part != content.quantity:
        check_quantity(material=content.line.order_line.material, quantity=part, field="quantity")
    if part > content.quantity:
        raise OverShip(f"{shown(content.quantity)} lie in there: take out at most that.", field="quantity")
    line = content.line
    content.quantity -= part
    if content.quantity > 0:
        content.save(update_fields=["quantity"])
    else:
        content.delete()
    line.quantity -= part
    if line.quantity > 0:
        line.save(update_fields=["quantity"])
    else:
        line.delete()
    _changed(shipment)


@transaction.atomic
def drop_package(*, package_id: int) -> None:
    """Take an empty package away. Locks the order. Raises PackageNotEmpty, AlreadyShipped."""
    shipment = _held(Package.objects.values_list("shipment_id", flat=True).get(pk=package_id))
    package = shipment.packages.get(pk=package_id)
    if package.contents.exists() or package.inside.exists():
        raise PackageNotEmpty("Something lies in it: take that out first.", package_id=package_id)
    package.delete()
    _changed(shipment)


@transaction.atomic
def measure_package(
    *,
    package_id: int,
    weight_kg: Decimal | None,
    length_mm: int | None = None,
    width_mm: int | None = None,
    height_mm: int | None = None,
) -> Package:
    """What it weighs with its contents, and how large it is. Locks the order. Raises InvalidInput, AlreadyShipped."""
    shipment = _held(Package.objects.values_list("shipment_id", flat=True).get(pk=package_id))
    if weight_kg is not None and weight_kg <= 0:
        raise InvalidInput("It weighs something: enter kilograms.", field="weight_kg")
    package = shipment.packages.get(pk=package_id)
    package.weight_kg, package.length_mm = weight_kg, length_mm
    package.width_mm, package.height_mm = width_mm, height_mm
    package.save(update_fields=["weight_kg", "length_mm", "width_mm", "height_mm"])
    _changed(shipment)
    return package


@transaction.atomic
def load_package(*, shipment_id: int, number: str, now: dt.datetime) -> Package:
    """The package with this number was scanned at loading; a pallet with all that stands on it. Scanned twice is fine.

    Locks the order. Raises NoSuchPackage, OverShip for an empty one, AlreadyShipped.
    """
    shipment = _held(shipment_id)
    package = shipment.packages.filter(number=number.strip()).first()
    if package is None:
        raise NoSuchPackage(f"{number.strip() or 'This'} is no package of {shipment.number}.", field="number")
    inside = shipment.packages.filter(parent=package)
    if not package.contents.exists() and not inside.filter(contents__isnull=False).exists():
        raise OverShip(f"{package.number} is empty: fill it, or take it away.", field="number")
    shipment.packages.filter(loaded_at=None, pk__in=[package.pk, *inside.values_list("pk", flat=True)]).update(
        loaded_at=now
    )
    _changed(shipment)
    package.refresh_from_db()
    return package


@transaction.atomic
def set_carrier(*, shipment_id: int, carrier_id: int | None, tracking_no: str, delivery_terms: str = "") -> Shipment:
    """Who brings it, under which number; also of a shipment that has left. Locks the order. Raises InvalidInput."""
    hold_order(Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id))
    shipment = Shipment.objects.select_for_update(no_key=True).order_by("pk").get(pk=shipment_id)
    if carrier_id is not None and not Partner.objects.filter(pk=carrier_id, is_carrier=True).exists():
        raise InvalidInput("Choose a carrier.", field="carrier")
    shipment.carrier_id, shipment.tracking_no = carrier_id, tracking_no.strip()[:60]
    shipment.delivery_terms = delivery_terms.strip()[:80]
    _changed(shipment, ["carrier", "tracking_no", "delivery_terms"])
    return shipment


@transaction.atomic
def unpack_shipment(*, shipment_id: int, expected_version: int | None = None) -> None:
    """Give up a shipment that has not left: what it held may be packed anew. Locks the order. Raises AlreadyShipped."""
    shipment = hold_shipment(shipment_id, expected_version)
    PackageContent.objects.filter(package__shipment=shipment).delete()
    shipment.packages.filter(parent__isnull=False).delete()
    shipment.packages.all().delete()
    shipment.lines.all().delete()
    order_id = shipment.order_id
    shipment.delete()
    live.publish("order", order_id)


def _held(shipment_id: int) -> Shipment:
    """Raises AlreadyShipped, InvalidInput for one that was packed without scanning."""
    shipment = hold_shipment(shipment_id)
    if not shipment.is_scanned:
        raise InvalidInput(f"{shipment.number} was packed as one piece: it has no packages.", field="shipment")
    return shipment


def _changed(shipment: Shipment, fields: list[str] | None = None) -> None:
    shipment.version += 1
    shipment.save(update_fields=["version", *(fields or [])])
    live.publish("order", shipment.order_id)


def _scanned(shipment: Shipment, goods: str, lot: str) -> tuple[Material, Lot | None]:
    """The material and the lot. Raises NotOfThisOrder, InvalidInput when a lot is needed."""
    lines = SalesOrderLine.objects.filter(order=shipment.order_id, plant=shipment.plant_id)
    materials = Material.objects.filter(pk__in=lines.values("material")).select_related("unit")
    material = materials.filter(code__iexact=goods).first()
    if material is None:
        found = Lot.objects.filter(material__in=materials, number__iexact=goods).first()
        if found is None:
            raise NotOfThisOrder(f"{goods or 'This'} is not on {shipment.order.number}: put it aside.", field="goods")
        return materials.get(pk=found.material_id), found
    if material.tracking == Material.Tracking.NONE:
        return material, None
    found = Lot.objects.filter(material=material, number__iexact=lot).first() if lot else None
    if found is None:
        raise InvalidInput(f"{material.code} has lots: scan the lot.", field="lot")
    return material, found


def _line_for(shipment: Shipment, material: Material) -> tuple[SalesOrderLine, ReadyLine]:
    ready = [
        one
        for one in ready_lines(shipment.order_id)
        if one.plant_id == shipment.plant_id and one.material_id == material.pk
    ]
    chosen = next((one for one in ready if one.quantity > 0), None)
    if chosen is None:
        raise NotOfThisOrder(
            f"Everything of {material.code} that is ready for {shipment.order.number} is packed: put it aside.",
            field="goods",
        )
    return SalesOrderLine.objects.get(pk=chosen.line_id), chosen


def _of_lot(shipment: Shipment, line: SalesOrderLine, lot: Lot | None) -> Decimal:
    """How much of the lot (or of what has none) is there for the line and in no package of it yet."""
    made = StockBalance.objects.filter(
        sales_order=shipment.order_id, plant=shipment.plant_id, material=line.material_id, lot=lot,
        location__kind="stock",
    )  # fmt: skip
    kept = Reservation.objects.filter(sales_order_line=line, balance__lot=lot)
    packed = PackageContent.objects.filter(line__order_line=line, lot=lot, line__shipment__shipped_at=None)
    figures = [made.aggregate(total=Sum("on_hand")), kept.aggregate(total=Sum("quantity"))]
    there = sum((one["total"] or ZERO for one in figures), ZERO)
    return there - (packed.aggregate(total=Sum("quantity"))["total"] or ZERO)
