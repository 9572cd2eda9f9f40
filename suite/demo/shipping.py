"""The shipping dock of the demo: a wave half picked, packages in every state, deliveries, goods that came back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import services as erp
from erp.models import CustomerReturn, PickList, SalesOrder, Shipment
from masterdata.models import Partner, Plant, User
from suite.demo.factory import Demo
from suite.demo.orders import Story

TAKERS = ("Ms Petersen", "Mr Novotny", "Reception", "Ms Olsen", "Mr Costa", "Warehouse 2")


def tell(demo: Demo, users: dict[str, User], story: Story) -> None:
    """Of what is ready: a wave, one order being packed, one loaded. Of what was shipped: delivered, some came back."""
    carrier = Partner.objects.create(code="NORDLINE", name="Nordline Freight", is_carrier=True, is_supplier=True)
    by_plant: dict[int, list[SalesOrder]] = {}
    for order in story.ready:
        by_plant.setdefault(order.lines.order_by("line_no")[0].plant_id, []).append(order)
    waiting = max(by_plant.values(), key=len)
    plant = waiting[0].lines.order_by("line_no")[0].plant
    _pick(demo, waiting[:2], plant, users["wanda"], is_whole=False)
    for number, order in enumerate(waiting[2:4]):
        _pick(demo, [order], plant, users["wanda"], is_whole=True)
        _pack(demo, order, plant, carrier, is_loaded=bool(number))
    for number, taker in enumerate(TAKERS):
        _deliver(demo, story.shipped[number], taker, users, carrier, number)


def _pick(demo: Demo, orders: list[SalesOrder], plant: Plant, picker: User, *, is_whole: bool) -> PickList:
    """A walk for the orders, all of it or its first line."""
    walk = erp.make_pick_list(order_ids=[order.pk for order in orders], plant=plant, now=demo.now, picker=picker)
    lines = list(walk.lines.order_by("pk"))
    for line in lines if is_whole else lines[:1]:
        erp.confirm_pick(line_id=line.pk, quantity=line.quantity, now=demo.now)
    return walk


def _pack(demo: Demo, order: SalesOrder, plant: Plant, carrier: Partner, *, is_loaded: bool) -> None:
    """One carton for each line on a pallet, weighed; loaded, or the last one still to be filled."""
    shipment = erp.start_packing(order_id=order.pk, plant=plant, now=demo.now)
    erp.set_carrier(shipment_id=shipment.pk, carrier_id=carrier.pk, tracking_no=f"NL{order.pk:08d}")
    for line in order.lines.select_related("material").order_by("line_no"):
        quantity = line.quantity if is_loaded or line.quantity < 2 else line.quantity - 1
        package = erp.add_package(shipment_id=shipment.pk)
        erp.pack_into(package_id=package.pk, goods=line.material.code, quantity=quantity)
        erp.measure_package(package_id=package.pk, weight_kg=quantity * Decimal("8.5"))
        if is_loaded:
            erp.load_package(shipment_id=shipment.pk, number=package.number, now=demo.now)


def _deliver(demo: Demo, order: SalesOrder, taker: str, users: dict[str, User], carrier: Partner, number: int) -> None:
    """It arrived two days after it left. Of the first three something comes back: decided, to be decided, to come; of
    the others the carrier's invoice is still to come.
    """
    shipment = Shipment.objects.get(order=order)
    at = min((shipment.shipped_at or demo.now) + dt.timedelta(days=2), demo.now)
    erp.set_carrier(shipment_id=shipment.pk, carrier_id=carrier.pk, tracking_no=f"NL{order.pk:08d}")
    damaged = [(shipment.lines.order_by("pk")[0].pk, Decimal(1))] if number < 3 else []
    erp.record_delivery(
        shipment_id=shipment.pk, delivered_at=at, received_by=taker, now=at, by=users["sara"], damaged=damaged
    )
    if not damaged:
        erp.book_order_cost(
            order_id=order.pk, element="freight", amount=Decimal(85 + 15 * number), partner=carrier, by=users["anna"],
            plant_id=shipment.plant_id, text=f"Freight of {shipment.number}", now=demo.now,
        )  # fmt: skip
    if number < 2:
        back = CustomerReturn.objects.get(order=order)
        receipt = erp.receive_return(return_id=back.pk, line_id=back.lines.get().pk, quantity=Decimal(1), now=demo.now)
        if not number:
            erp.decide_return(receipt_id=receipt.pk, outcome="rework", now=demo.now, by=users["quentin"])
