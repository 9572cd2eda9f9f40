"""Subcontracting in the demo: sofa legs go out to be powder-coated; some came back coated, more have to follow."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import services as erp
from erp.models import StockBalance, SuppliedComponent, SupplierPrice
from masterdata import services as masterdata
from masterdata.models import Location, Material, Partner
from suite.demo.factory import Demo

HALF = Decimal("0.5")


def tell(demo: Demo) -> None:
    """Half of the free legs are ordered coated for a fee of 1.40; most went out, some came, five broke."""
    leg = demo.materials["LEG-SOF"]
    stock = StockBalance.objects.filter(material=leg, sales_order=None, location__kind=Location.Kind.STOCK)
    row = max(stock.select_related("plant"), key=lambda one: one.on_hand - one.reserved, default=None)
    if row is None or row.on_hand - row.reserved < 40:
        return
    coated = Material.objects.create(
        code="LEG-SOF-PC",
        name="Sofa leg, oak, powder-coated black",
        category=leg.category,
        unit=leg.unit,
        supply="buy",
        standard_cost=Decimal("5.80"),
        tax_code=leg.tax_code,
    )
    bom = masterdata.write_bom(material_id=coated.pk, lines=[masterdata.BomLineInput(leg.pk, Decimal(1))])
    masterdata.freeze_bom(bom_id=bom.pk, now=demo.now)
    supplier = Partner.objects.get(code="HAFELE")
    SupplierPrice.objects.create(
        supplier=supplier,
        material=coated,
        unit=leg.unit,
        price=Decimal("1.40"),
        lead_time_days=10,
        is_subcontract=True,
    )
    free = (row.on_hand - row.reserved) * HALF // 1
    line = erp.PurchaseLineInput(coated.pk, free, Decimal("1.40"), demo.now + dt.timedelta(days=12))
    order = erp.create_purchase_order(plant=row.plant, supplier=supplier, lines=[line], now=demo.now)
    legs = SuppliedComponent.objects.get(order_line__order=order)
    sent, came = free * HALF // 1, free * HALF * HALF // 1
    part = erp.ComponentPart(component_id=legs.pk, quantity=sent)
    erp.send_components(order_id=order.pk, parts=[part], now=demo.now)
    used = erp.ComponentPart(component_id=legs.pk, quantity=came + 5)
    erp.receive_purchase(
        purchase_order_id=order.pk,
        lines=[(order.lines.get().pk, came)],
        delivery_note="PC-4711",
        used=[used],
        now=demo.now,
    )
