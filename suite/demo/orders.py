"""150 orders in every phase, told through the same services that people use; the same at every load."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from decimal import Decimal

from crm import services as crm
from erp import services as erp
from erp.models import PurchaseOrder, SalesOrder, WorkOrderOperation
from masterdata.models import Machine, User
from suite.demo.factory import Demo
from suite.demo.items import Item

SEED = 20_26
# How many orders end in each phase: 150 in all.
PAID, INVOICED, SHIPPED, READY, IN_PRODUCTION, SCHEDULED, DRAFT = 34, 12, 10, 10, 18, 58, 8
QUOTATIONS = 7


class Story:
    """Tells the orders; one seeded source of chance, never the clock."""

    def __init__(self, demo: Demo, users: dict[str, User]) -> None:
        self.demo = demo
        self.by = users["sara"]
        self.chance = random.Random(SEED)  # noqa: S311 (a demo, not a secret)
        self.ready: list[SalesOrder] = []
        self.shipped: list[SalesOrder] = []
        self.machines: dict[int, list[Machine]] = {}
        for machine in Machine.objects.order_by("code"):
            self.machines.setdefault(machine.work_centre_id, []).append(machine)

    def tell(self) -> None:
        """Every phase, oldest first, so that numbers rise with time."""
        for count, days, deed in (
            (PAID, (40, 22), self._pay),
            (INVOICED, (21, 14), self._invoice),
            (SHIPPED, (14, 10), self._ship),
            (READY, (10, 7), self._make),
        ):
            for number in range(count):
                ago = days[0] - (days[0] - days[1]) * number / count
                order = self._order(self._small(number), ago, due_in=6 - ago, size=(2, 6))
                deed(order, self.demo.now - dt.timedelta(days=ago - 3))
                self.ready += [order] if deed == self._make else []
                self.shipped += [order] if deed == self._ship else []
        for number in range(IN_PRODUCTION):
            order = self._order(self._product(number), 6 - number / 6, due_in=3 + number % 8, size=(2, 6))
            self._begin(order, self.demo.now - dt.timedelta(hours=30 - number))
        for number in range(SCHEDULED):
            self._order(self._product(number + 3), 4 - number / 20, due_in=3 + number % 13, size=(3, 13))
        self._receive_what_is_due()
        for number in range(DRAFT):
            self._draft(self._product(number + 5), number)
        for number in range(QUOTATIONS):
            self._quotation(self._product(number + 1), 1.5 - number / 6, due_in=14 + number, size=(3, 12))

    # What is ordered ---------------------------------------------------------------------------------------------

    def _product(self, number: int) -> list[Item]:
        """One to two furniture products of one plant; three of five orders are casegoods."""
        plant = "DG" if number % 5 < 3 else "PZ"
        products = [item for item in self.demo.products(plant) if item.category != "Small furniture"]
        return self.chance.sample(products, 1 if number % 3 else 2)

    def _small(self, number: int) -> list[Item]:
        """The history: mostly small pieces, now and then a table."""
        if number % 8 == 5:
            return [self.demo.catalogue.items["TBL-RIV160-OAK"]]
        small = [
            item for plant in ("DG", "PZ") for item in self.demo.products(plant) if item.category == "Small furniture"
        ]
        return [small[number % len(small)]]

    def _line(self, item: Item, due: dt.datetime, size: tuple[int, int]) -> crm.QuotationLineInput:
        plant = self.demo.plants[item.plant]
        return crm.QuotationLineInput(
            plant_id=plant.pk,
            material_id=self.demo.materials[item.code].pk,
            quantity=Decimal(self.chance.randint(*size)),
            wanted_on=due.date(),
        )

    def _quotation(self, items: Sequence[Item], ago: float, due_in: float, size: tuple[int, int]) -> int:
        at = self.demo.now - dt.timedelta(days=ago)
        due = self.demo.now + dt.timedelta(days=due_in)
        customer = self.chance.choice(self.demo.customers)
        quotation = crm.write_quotation(
            customer_id=customer.pk,
            company_id=self.demo.company.pk,
            lines=[self._line(item, due, size) for item in items],
            now=at - dt.timedelta(hours=5),
            by=self.by,
            customer_reference=f"{self.chance.randint(4000, 4999)}-{self.chance.randint(10000, 99999)}",
        )
        return quotation.pk

    def _order(self, items: Sequence[Item], ago: float, due_in: float, size: tuple[int, int]) -> SalesOrder:
        quotation = self._quotation(items, ago, due_in, size)
        return crm.accept_quotation(quotation_id=quotation, now=self.demo.now - dt.timedelta(days=ago))

    def _draft(self, items: Sequence[Item], number: int) -> None:
        due = self.demo.now + dt.timedelta(days=16 + number)
        customer = self.chance.choice(self.demo.customers)
        if number < len(self.demo.others):
            customer = list(self.demo.others.values())[number]
        erp.create_order(
            company=self.demo.company,
            customer=customer,
            currency=self.demo.company.currency,
            lines=[
                erp.OrderLineInput(
                    plant_id=line.plant_id,
                    material_id=line.material_id,
                    quantity=line.quantity,
                    unit_price=self.demo.materials[item.code].list_price,
                    wanted_on=line.wanted_on,
                )
                for item in items
                for line in [self._line(item, due, (1, 5))]
            ],
            now=self.demo.now - dt.timedelta(hours=3),
        )

    # What is made and paid ---------------------------------------------------------------------------------------

    def _operations(self, order: SalesOrder) -> list[WorkOrderOperation]:
        """Deepest work orders first, each in its sequence."""
        rows = WorkOrderOperation.objects.filter(work_order__sales_order_line__order=order).select_related("work_order")
        return sorted(rows, key=lambda row: (-row.work_order.path.count("."), row.work_order.path, row.sequence))

    def _report(self, operation: WorkOrderOperation, at: dt.datetime, share: Decimal = Decimal(1)) -> dt.datetime:
        """Start and report an operation; it takes a little more or less than planned."""
        quantity = operation.work_order.quantity
        good = (quantity * share).to_integral_value() if share < 1 else quantity
        minutes = operation.setup_min + operation.run_min_per_unit * good * Decimal(self.chance.randint(92, 115)) / 100
        machine = self.chance.choice(self.machines[operation.work_centre_id])
        end = at + dt.timedelta(minutes=float(minutes))
        erp.start_operation(operation_id=operation.pk, machine_id=machine.pk, now=at)
        if good:
            erp.report_operation(
                operation_id=operation.pk,
                machine_id=machine.pk,
                good_qty=good,
                scrap_qty=Decimal(0),
                worked_min=minutes.quantize(Decimal("0.001")),
                now=end,
            )
        return end

    def _make(self, order: SalesOrder, at: dt.datetime) -> dt.datetime:
        self._receive_for(order, at)
        for operation in self._operations(order):
            at = self._report(operation, at)
        return at

    def _ship(self, order: SalesOrder, at: dt.datetime) -> dt.datetime:
        at = self._make(order, at) + dt.timedelta(hours=2)
        shipment = erp.pack_shipment(order_id=order.pk, lines=None, now=at)
        erp.ship(shipment_id=shipment.pk, now=at + dt.timedelta(hours=1))
        return at + dt.timedelta(hours=1)

    def _invoice(self, order: SalesOrder, at: dt.datetime) -> dt.datetime:
        at = self._ship(order, at) + dt.timedelta(hours=20)
        erp.post_invoice(order_id=order.pk, now=min(at, self.demo.now))
        return at

    def _pay(self, order: SalesOrder, at: dt.datetime) -> None:
        at = self._invoice(order, at)
        invoice = order.invoices.get()
        paid_at = min(at + dt.timedelta(days=self.chance.randint(4, 12)), self.demo.now)
        erp.receive_payment(invoice_id=invoice.pk, amount=invoice.gross_amount, received_on=paid_at.date(), now=paid_at)

    def _begin(self, order: SalesOrder, at: dt.datetime) -> None:
        """Some work orders are done, the next one is on its way, the rest waits."""
        self._receive_for(order, at)
        operations = self._operations(order)
        done = self.chance.randint(2, max(2, len(operations) // 2))
        for operation in operations[:done]:
            end = self._report(operation, at)
            at = min(end, self.demo.now - dt.timedelta(minutes=30))

    # What is bought ----------------------------------------------------------------------------------------------

    def _receive_for(self, order: SalesOrder, at: dt.datetime) -> None:
        """What was bought for an order in the past has come."""
        orders = PurchaseOrder.objects.filter(
            lines__pegs__work_order_material__work_order__sales_order_line__order=order
        ).distinct()
        for purchase in orders.order_by("pk"):
            if purchase.lines.filter(received_qty=0).exists():
                erp.receive_purchase(
                    purchase_order_id=purchase.pk, lines=None, now=at, delivery_note=f"DN-{purchase.pk}"
                )

    def _receive_what_is_due(self) -> None:
        """Every third open purchase order has come in already."""
        open_orders = PurchaseOrder.objects.filter(lines__received_qty=0).distinct().order_by("pk")
        for number, purchase in enumerate(open_orders):
            if number % 3 == 0:
                erp.receive_purchase(
                    purchase_order_id=purchase.pk, lines=None, now=self.demo.now - dt.timedelta(hours=2)
                )
