"""A shop in full swing: an order sold and paid, others in work, late, owed and rushed, and a company next door."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.test import override_settings

from aps import services as aps
from crm import services as crm
from erp import services as erp
from erp.models import PurchaseOrder, PurchaseOrderLine, ReceiptLine, SalesOrder, WorkOrderOperation
from masterdata import facts
from masterdata.models import (
    Company,
    FlowRun,
    IdempotencyKey,
    Location,
    Machine,
    Material,
    MaterialCategory,
    Plant,
    User,
    Warehouse,
    WorkCentre,
)
from mes import services as mes
from suite.deeds import accept_rush as accept
from suite.deeds import ask_rush as ask
from suite.flows import runner
from tests.flows import workshop
from tests.flows.floor import Floor, operation
from tests.suite.violations import contracts, letters

D = Decimal


def build() -> None:
    """All of it, committed."""
    now = dt.datetime.now(dt.UTC)
    with facts.waking_nobody(), override_settings(THROUGHLINE_SOLVE_MOVES=200):
        shop = workshop.build(machines={"ASM": 2}).by_the_hour()
        _sold(shop, now)
        late = _stools(shop, 6, now)
        _settle(shop, now)
        _working(shop, late, now)
        _owing(shop, now)
        _subcontracted(shop, now)
        _standard(shop, now)
        _reserving(shop, now)
        _settle(shop, now)
        _rushed(shop, now)
        _settle(shop, now)
        _quoted(shop, now)
    _invoiced(shop, now)
    _fetched(shop, now)
    _checked(shop, now)
    contracts.agree(shop, now)
    letters.write(shop, now)
    _next_door(shop)
    IdempotencyKey.objects.create(
        user=User.objects.create_user("ada"), key="K1", fingerprint="f", status=201, answer={}
    )


def _settle(shop: workshop.Workshop, now: dt.datetime) -> None:
    """Flows and plans until nothing waits, as the demo does it."""
    while waiting := list(FlowRun.objects.filter(state="waiting").order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            assert {runner.run(run_id) for run_id in waiting} == {"done"}
        aps.plan_plant(plant_id=shop.plant.pk, now=now, holder="test")


def _sold(shop: workshop.Workshop, now: dt.datetime) -> None:
    """Two tables, from quotation to payment; 6 of their 8 legs were bought for them; a van took them away."""
    day = now.date() - dt.timedelta(days=2)
    erp.set_hour_rate(kind="machine", machine=shop.machines["SAW-01"], per_hour=D(75), valid_from=day)
    erp.set_overhead(basis="labour", value=D(40), company=shop.company, plant=shop.plant, valid_from=day)
    shop.quantity("BOARD", 20)
    shop.quantity("LEG", 2)
    order = _quoted(shop, now, _converted(shop, now))
    order = crm.accept_quotation(quotation_id=order, now=now)
    crm.open_case(subject="Which oil?", order_line_id=order.lines.get().pk, now=now)
    _settle(shop, now)
    erp.receive_purchase(purchase_order_id=PurchaseOrder.objects.get().pk, lines=None, now=now)
    floor, begin = Floor(shop), now - dt.timedelta(hours=3)
    steps = [("TOP", 10, "SAW-01", 25), ("TOP", 20, "EDGE-01", 10), ("TABLE", 10, "ASM-01", 40)]
    for number, (code, sequence, machine, minutes) in enumerate([*steps, ("TABLE", 20, "PACK-01", 10)]):
        floor.make(operation(code, sequence), machine, begin + dt.timedelta(minutes=40 * number), minutes, 2)
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, lines=None, now=now).pk, now=now)
    for element in ("freight", "penalty"):
        booking = erp.book_order_cost(
            order_id=order.pk, element=element, amount=D(25), plant_id=shop.plant.pk, text="Van", now=now
        )
    erp.reverse_order_cost(booking_id=booking.pk, text="The van was in time", now=now)
    invoice = erp.post_invoice(order_id=order.pk, now=now)
    erp.receive_payment(invoice_id=invoice.pk, amount=D(714), received_on=now.date(), now=now)
    shop.quantity("LEG", 40)


def _invoiced(shop: workshop.Workshop, now: dt.datetime) -> None:
    """Two of the six legs are invoiced and paid in part, one was credited, a carrier's invoice is held."""
    line = PurchaseOrderLine.objects.filter(received_qty=6).get()
    paper = {"company_id": shop.company.pk, "supplier_id": line.order.supplier_id, "invoiced_on": now.date()}
    goods = {"order_line_id": line.pk, "quantity": D(2), "net_amount": 2 * line.unit_price}
    posted = erp.enter_supplier_invoice(reference="A-1", lines=[erp.InvoiceLineInput(**goods)], now=now, **paper)
    goods |= {"quantity": D(1), "net_amount": line.unit_price}
    credit = erp.enter_supplier_invoice(
        reference="C-1", kind="credit_note", lines=[erp.InvoiceLineInput(**goods)], now=now, **paper
    )
    erp.release_supplier_invoice(invoice_id=credit.pk, reason="Agreed", now=now)
    freight = erp.InvoiceLineInput(charge="Freight", net_amount=D(12))
    erp.enter_supplier_invoice(reference="F-1", lines=[freight], now=now, **paper)
    erp.pay_supplier(
        company_id=shop.company.pk,
        supplier_id=line.order.supplier_id,
        parts=[(posted.pk, D(1))],
        paid_on=now.date(),
        now=now,
    )
    receipts = list(ReceiptLine.objects.values_list("pk", flat=True))
    erp.post_landed_cost(plant_id=shop.plant.pk, receipt_line_ids=receipts, amount=D(3), now=now)


def _fetched(shop: workshop.Workshop, now: dt.datetime) -> None:
    """Of three legs sold two are picked, one leaves in a carton and comes back; one of four is cancelled."""
    shop.quantity("LEG", 4)
    leg = shop.materials["LEG"]
    leg.is_sellable = True
    leg.save(update_fields=["is_sellable"])
    line = erp.OrderLineInput(
        plant_id=shop.plant.pk, material_id=leg.pk, quantity=D(4), unit_price=D(5), wanted_on=now.date()
    )
    order = erp.create_order(
        company=shop.company, customer=shop.customer, currency=shop.company.currency, lines=[line], now=now
    )
    order = erp.confirm_order(order_id=order.pk, now=now)
    erp.cancel_line(line_id=order.lines.get().pk, quantity=D(1), reason="One too many", by=None, now=now)
    walk = erp.make_pick_list(order_ids=[order.pk], plant=shop.plant, now=now)
    erp.confirm_pick(line_id=walk.lines.get().pk, quantity=D(2), now=now)
    shipment = erp.start_packing(order_id=order.pk, plant=shop.plant, now=now)
    carton = erp.add_package(shipment_id=shipment.pk)
    erp.pack_into(package_id=carton.pk, goods=leg.code)
    erp.load_package(shipment_id=shipment.pk, number=carton.number, now=now)
    erp.ship(shipment_id=shipment.pk, now=now)
    sent = shipment.lines.get()
    back = erp.authorise_return(order_id=order.pk, lines=[(sent.pk, D(1))], reason="surplus", now=now)
    erp.receive_return(return_id=back.pk, line_id=back.lines.get().pk, quantity=D(1), to_stock=True, now=now)


def _checked(shop: workshop.Workshop, now: dt.datetime) -> None:
    """The running job is 401 mm where 400.5 are allowed: it is held; of two such pieces one is used as it is."""
    running = WorkOrderOperation.objects.get(run__state="running")
    plan = mes.create_check_plan(
        plant=shop.plant,
        code="CP-1",
        plan=mes.PlanInput(name="Width", work_centre=running.work_centre, on_fault="note"),
        characteristics=[mes.CharacteristicInput(name="Width", lower=D("399.5"), upper=D("400.5"), decimals=1)],
        now=now,
    )
    mes.activate_check_plan(plan_id=plan.pk, now=now)
    value = mes.ValueInput(characteristic_id=plan.characteristics.get().pk, value=D(401))
    result = mes.record_check(plan_id=plan.pk, operation_id=running.pk, values=[value], now=now, source=mes.Source())
    row = mes.raise_nonconformance(operation_id=running.pk, quantity=D(2), at=now, text="Too wide", result_id=result.pk)
    mes.hold_operation(
        operation_id=running.pk, reason="Too wide.", at=now, result_id=result.pk, nonconformance_id=row.pk
    )
    mes.dispose(nonconformance_id=row.pk, decision=mes.Decision(kind="use", quantity=D(1)), by=None, now=now)


def _converted(shop: workshop.Workshop, now: dt.datetime) -> int:
    """A lead of the customer with something to do became the opportunity that the order will win, then another."""
    owner = User.objects.create_user("vera")
    owner.memberships.create(role="sales", company=shop.company)
    lead = crm.take_lead(company_id=shop.company.pk, lead=crm.LeadInput(organisation="Nordhaus"), now=now)
    to_do = crm.ActivityInput(kind="call", subject="Which wood?", due_at=now, owner_id=owner.pk)
    crm.plan_activity(about=crm.About(lead_id=lead.pk), activity=to_do, now=now)
    hoped = crm.OpportunityInput(title="Tables", value=D(600), expected_on=now.date())
    return crm.convert_lead(lead_id=lead.pk, customer_id=shop.customer.pk, opportunity=hoped, now=now).pk


def _quoted(shop: workshop.Workshop, now: dt.datetime, opportunity_id: int | None = None) -> int:
    line = crm.QuotationLineInput(
        plant_id=shop.plant.pk,
        material_id=shop.materials["TABLE"].pk,
        quantity=D(2),
        wanted_on=(now + dt.timedelta(days=10)).date(),
    )
    return crm.write_quotation(
        company_id=shop.company.pk, customer_id=shop.customer.pk, lines=[line], now=now, opportunity_id=opportunity_id
    ).pk


def _stools(shop: workshop.Workshop, quantity: int, now: dt.datetime, days: int = -1) -> SalesOrder:
    """A confirmed order, written two days ago."""
    stool = shop.materials["STOOL"]
    line = erp.OrderLineInput(
        plant_id=shop.plant.pk,
        material_id=stool.pk,
        quantity=D(quantity),
        unit_price=stool.list_price,
        wanted_on=(now + dt.timedelta(days=days)).date(),
    )
    order = erp.create_order(
        company=shop.company,
        customer=shop.customer,
        currency=shop.company.currency,
        lines=[line],
        now=now - dt.timedelta(days=2),
    )
    return erp.confirm_order(order_id=order.pk, now=now)


def _step(order: SalesOrder) -> WorkOrderOperation:
    return WorkOrderOperation.objects.get(work_order__sales_order_line__order=order)


def _working(shop: workshop.Workshop, late: SalesOrder, now: dt.datetime) -> None:
    """Two of six stools are done when the machine breaks down, for how long nobody knows."""
    Floor(shop).make(_step(late), "ASM-01", now - dt.timedelta(minutes=50), 40, 2)
    mes.report_machine_down(machine_id=shop.machines["ASM-01"].pk, since_at=now, now=now)


def _owing(shop: workshop.Workshop, now: dt.datetime) -> None:
    """Ten stools are made, the last ones although their legs are still on order."""
    order = _stools(shop, 30, now, days=20)
    Floor(shop).make(_step(order), "ASM-02", now - dt.timedelta(minutes=50), 40, 10)


def _standard(shop: workshop.Workshop, now: dt.datetime) -> None:
    """A dowel at standard cost is made for stock of a leg that cost more than its standard."""
    category = MaterialCategory.objects.create(code="STD", name="At standard", valuation="standard")
    leg, centre = shop.materials["LEG"], Machine.objects.get(code="ASM-02").work_centre
    dowel = Material.objects.create(
        code="DOWEL", name="Dowel", category=category, unit=leg.unit, supply="make", standard_cost=1
    )
    shop.quantity("LEG", 1)
    step = erp.OperationSpec(sequence=10, name="Turn", work_centre_id=centre.pk, setup_min=D(0), run_min_per_unit=D(1))
    need = erp.MaterialSpec(line_no=1, material_id=leg.pk, unit_id=leg.unit_id, operation_sequence=10, quantity=D(1))
    made = erp.WorkOrderSpec(plant=shop.plant, material_id=dowel.pk, quantity=D(1), operations=[step], materials=[need])
    version = erp.draft_standards(plant=shop.plant, name="Now", valid_from=now.date() - dt.timedelta(days=1), now=now)
    erp.assume(version_id=version.pk, kind="price", material=dowel, value=D(1), now=now)
    erp.release_standards(version_id=version.pk, now=now)
    operation = erp.create_work_orders(specs=[made], now=now)[0].operations.get()
    erp.report_operation(operation_id=operation.pk, good_qty=D(1), scrap_qty=D(0), worked_min=D(3), now=now)


def _reserving(shop: workshop.Workshop, now: dt.datetime) -> None:
    """A stool on the shelf is kept for an order."""
    shop.quantity("STOOL", 1)
    _stools(shop, 1, now)


def _rushed(shop: workshop.Workshop, now: dt.datetime) -> None:
    """One rush request is taken, one still open."""
    for is_taken in (True, False):
        request = ask.ask_rush(
            customer_id=shop.other_customer.pk,
            plant_id=shop.plant.pk,
            material_id=shop.materials["STOOL"].pk,
            quantity=D(2),
            wanted_on=now.date(),
            unit_price=D(120),
            by=None,
            now=now,
        )
        if is_taken:
            accept.accept_rush(option_id=request.options.get(key="A").pk, by=None, now=now)


def _subcontracted(shop: workshop.Workshop, now: dt.datetime) -> None:
    """Three table tops are made of our boards: for two they went out, for the third they are kept."""
    shop.quantity("BOARD", 6)
    supplier = PurchaseOrder.objects.order_by("pk")[0].supplier
    line = erp.PurchaseLineInput(shop.materials["TOP"].pk, D(3), D(9), now + dt.timedelta(days=5))
    order = erp.create_purchase_order(plant=shop.plant, supplier=supplier, lines=[line], now=now)
    board = erp.supply_components(line_id=order.lines.get().pk, now=now)[0]
    part = erp.ComponentPart(component_id=board.pk, quantity=D(4))
    erp.send_components(order_id=order.pk, parts=[part], now=now)


def _next_door(shop: workshop.Workshop) -> None:
    """Another company with a plant, a machine and a shelf of its own."""
    company = Company.objects.create(code="NEXT", name="Next door", currency=shop.company.currency)
    erp.open_books(company=company, year=dt.datetime.now(dt.UTC).year)
    plant = Plant.objects.create(company=company, code="NEXT-1", name="Next door", calendar=shop.plant.calendar)
    warehouse = Warehouse.objects.create(plant=plant, code="NEXT-W", name="Shed", is_main=True)
    Location.objects.create(plant=plant, warehouse=warehouse, code="SHELF", name="Shelf", is_default=True)
    centre = WorkCentre.objects.create(plant=plant, code="ASM", name="Assembly", calendar=shop.plant.calendar)
    Machine.objects.create(work_centre=centre, code="NEXT-ASM", name="Their bench")
    lines = [
        erp.LedgerLine(role="bank", amount=Decimal(9), plant=plant),
        erp.LedgerLine(role="opening", amount=Decimal(-9), plant=plant),
    ]
    for number in (1, 2, 3):
        erp.post_entry(
            company=company, kind="opening", source=f"made:{number}", lines=lines, now=dt.datetime.now(dt.UTC)
        )
    erp.seal_all(company_id=company.pk, now=dt.datetime.now(dt.UTC))
    codes = dict(company.accounts.values_list("role", "pk"))
    written = [erp.ManualLine(codes["bank"], Decimal(5)), erp.ManualLine(codes["opening"], Decimal(-5))]
    draft = erp.ManualDraft(posted_on=dt.datetime.now(dt.UTC).date(), memo="By hand", lines=written)
    author, other = User.objects.create_user("eve"), User.objects.create_user("joe")
    row = erp.write_entry(company=company, draft=draft, by=author, now=dt.datetime.now(dt.UTC))
    erp.submit_entry(entry_id=row.pk, now=dt.datetime.now(dt.UTC))
    erp.approve_entry(entry_id=row.pk, by=other, now=dt.datetime.now(dt.UTC))
