"""Stock, cost and ledger of one report, gathered under lock and written at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from erp.cost.models import CostEntry, Element
from erp.cost.rates import NO_RATES, RATES_HERE, Absorbed, Labour, Rates
from erp.cost.services import CostTag
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import EntryDraft, LedgerLine
from erp.production.byproducts import Byproduct, Coming, Credit, byproducts_of, split_cost, taken_by
from erp.production.models import WorkOrderMaterial
from erp.production.services.absorbing import PLACES, STANDS_AND_OWES, absorption, checked_places
from erp.production.services.backflush import backflush, kept_for, let_go_of_leftovers
from erp.production.services.floor import Floor
from erp.production.services.labour import booked_labour, people_here
from erp.production.services.output_lots import Part, lot_of_byproduct, lot_that_went_in, lots_of_output
from erp.production.services.scanned_parts import Consumed, sort_scanned
from erp.production.services.variances import post_variances
from erp.stock.book import Book, Tagged
from erp.stock.intents import Kind, MoveIntent
from erp.stock.owed import HeldOwed, hold_owed_issues, settle_owed_issues
from masterdata import statements
from masterdata.models import Location, MaterialCategory
from masterdata.numbers import ZERO, allocate, money

Role = Account.Role


class Posting:
    """Stock, cost and ledger of one report, gathered under lock and written at once."""

    def __init__(
        self,
        floor: Floor,
        good_qty: Decimal,
        worked_min: Decimal,
        now: dt.datetime,
        lot_number: str = "",
        worker_id: int | None = None,
        consumed: Sequence[Consumed] = (),
        serials: Sequence[str] = (),
        labour: Sequence[Labour] | None = None,
    ) -> None:
        self.consumed, self.serials = consumed, serials
        self.floor, self.worked_min, self.now, self.worker_id = floor, worked_min, now, worker_id
        self.lot_number, self.labour = lot_number, labour
        self.people: list[Absorbed] | None = None  # what each of them costs, once the rates are known
        self.parts: list[Part] = []
        self.rows: list[Byproduct] = []
        self.beside: list[tuple[Byproduct, Decimal, int | None]] = []  # what comes of it now, into which lot
        self.order, self.plant = floor.work_order, floor.work_order.plant
        self.here = () if floor.step else (floor.operation.sequence,)  # what is mended has used its components
        self.decimals = self.plant.company.currency.decimals
        self.output_qty = good_qty if floor.operation.is_last else ZERO
        self.output_value = ZERO
        self.owed_material_ids: tuple[int, ...] = ()
        self.move_ids: list[int] = []
        self.entry_ids: list[int] = []
        self.owed_ids: list[int] = []
        self.owes = False  # whether components are owed, known when the work order is done
        self.absorbed_value = ZERO
        self.is_standard = False
        self.rates = NO_RATES
        self.grade_id: int | None = None
        self.owner_id = None if self.order.is_rework else floor.sales_order_id  # what came back is free stock again
        self.dimensions: dict[str, Any] = {
            "plant": self.plant,
            "sales_order_id": floor.sales_order_id,
            "work_order_id": self.order.pk,
        }
        self.settles: list[HeldOwed] = []
        if self.output_qty:
            self.settles = hold_owed_issues(
                plant_id=self.plant.pk, material_ids=[self.order.material_id], order_id=floor.sales_order_id
            )

    def post(self) -> None:
        """Issue, minutes, output and what is left, in this order."""
        needs = self._needs()
        self.parts = lots_of_output(
            floor=self.floor, quantity=self.output_qty, number=self.lot_number, now=self.now, serials=self.serials
        )
        if self.parts and self.order.is_rework:
            self.parts = [(lot_that_went_in(self.order.pk), self.output_qty)]
        self.beside = self._byproducts()
        places = self._places_and_rates(is_moving=bool(needs or self.output_qty))
        book = self._book(needs, places)
        kept = self.floor.desk.kept_for([need.pk for need in needs], lambda: kept_for(book, needs))
        mine = [need for need in needs if need.operation_sequence in self.here]
        used = backflush(
            floor=self.floor,
            needs=mine,
            kept=kept,
            book=book,
            production_id=places.get(Location.Kind.PRODUCTION, 0),
            now=self.now,
            scanned=sort_scanned(consumed=self.consumed, needs=mine, floor=self.floor, book=book, now=self.now),
        )
        if self.floor.is_done:
            let_go_of_leftovers(book, kept)
        entries = [*used.entries, *self._absorbed(used.material)]
        left = ZERO
        if self.output_qty or self.floor.is_done:
            stands, self.owes = statements.run(STANDS_AND_OWES, [self.order.pk, self.order.pk])[0]
            left = stands + used.value + self.absorbed_value
            left -= self._put_output(book, places, left)
            if self.floor.is_done and left and not self.is_standard:
                entries.append(self._residue(left))
        before = len(book.posted_ids)
        self.move_ids = [move.pk for move in book.write(now=self.now, entries=entries, worker_id=self.worker_id)]
        self.entry_ids = book.posted_ids[before:]
        used.write(mine)
        self.owed_ids = [row.pk for row in used.owed]
        if self.floor.is_done and self.is_standard:
            self.entry_ids += post_variances(
                order=self.order,
                operations=self.floor.operations,
                left=left,
                source=f"operation:{self.floor.worked.pk}",
                now=self.now,
            )
        self.owed_material_ids = tuple(row.work_order_material.material_id for row in used.owed)
        self.owes = self.owes or bool(used.owed)

    def settle(self) -> None:
        """What others owe of this product is taken from the output."""
        if self.settles:
            self.floor.desk.clear()
        settle_owed_issues(owed=self.settles, plant=self.plant, now=self.now)

    def _needs(self) -> list[WorkOrderMaterial]:
        """The operation's components; all of them when the work order ends, for what their reservations still hold."""
        if self.floor.is_done:
            return list(self.floor.needs)
        return [need for need in self.floor.needs if need.operation_sequence in self.here]

    def _book(self, needs: Sequence[WorkOrderMaterial], places: dict[str, int]) -> Book:
        materials = {need.material_id for need in needs}
        owner = self.floor.sales_order_id
        target = set()
        if self.output_qty:
            materials.add(self.order.material_id)
            stock_id = places[Location.Kind.STOCK]
            place = self.plant.pk, self.order.material_id, stock_id, self.owner_id
            target = {(*place, lot_id) for lot_id, _ in self.parts}
            materials |= {row.material.pk for row, _, _ in self.beside}
            target |= {(self.plant.pk, row.material.pk, stock_id, None, lot_id) for row, _, lot_id in self.beside}
        if (held := self.floor.desk.book_for(materials, target)) is not None:
            return held
        book = Book(
            plant_ids=[self.plant.pk],
            material_ids=materials,
            order_ids=[owner] if owner else [],
            places=target,
            decimals=self.decimals,
        )
        return self.floor.desk.lay(book, materials, target)

    def _places_and_rates(self, *, is_moving: bool) -> dict[str, int]:
        """The plant's default stock and production places, and what an hour costs here and now; one round trip."""
        if not (is_moving or self.worked_min or self.labour):
            return {}
        desk, operation = self.floor.desk, self.floor.worked
        if self.labour is not None:
            ids = tuple(one.employee_id for one in self.labour)
            found = desk.known(("people", ids), self.now, lambda: people_here(ids, operation, self.now))
            self.people = [found[one.employee_id].absorbed(one, self.decimals) for one in self.labour]
        values = [self.worker_id, operation.machine_id, self.now, operation.work_centre_id]
        asked = (PLACES, [self.plant.pk]), (RATES_HERE, values)
        here = "here", self.worker_id, operation.machine_id, operation.work_centre_id
        places, rates = desk.known(here, self.now, lambda: statements.together(*asked))
        *figures, self.grade_id = rates[0]
        self.rates = Rates(*figures)
        return checked_places(dict(places), self.plant) if is_moving else {}

    def _absorbed(self, material: Decimal) -> list[Tagged]:
        """Labour, machine and overhead of the minutes worked and the material used, rounded each; or all as rework."""
        operation = self.floor.worked
        found = self.rates.absorbed(
            minutes=self.worked_min, material=material, decimals=self.decimals, people=self.people
        )
        where = {"operation_id": operation.pk, "machine_id": operation.machine_id, "grade_id": self.grade_id}
        element = Element.REWORK if self.floor.step or self.order.is_rework else ""
        lines, tags = absorption(found, self.dimensions, element=element, **where)
        self.absorbed_value = sum((line.amount for line in lines if line.role == Role.WIP), ZERO)
        return [(self._draft(JournalEntry.Kind.LABOUR, lines), tags)] if lines else []

    @property
    def booked_labour(self) -> tuple[Labour, ...]:
        """The people's parts that cost something; the rest is too small and waits for more."""
        return booked_labour(self.labour or (), self.people or ())

    def _byproducts(self) -> list[tuple[Byproduct, Decimal, int | None]]:
        """What these good pieces bring beside themselves: what all of them bring less what those before brought."""
        if not self.output_qty:
            return []
        done = self.floor.operation.good_qty  # counts this report
        found = []
        self.rows = byproducts_of(self.order.bom_id)
        for row in self.rows:
            quantity = row.brought_by(done) - row.brought_by(done - self.output_qty)
            if quantity:
                found.append((row, quantity, lot_of_byproduct(floor=self.floor, material=row.material, now=self.now)))
        return found

    def _put_output(self, book: Book, places: dict[str, int], left: Decimal) -> Decimal:
        """Good pieces and by-products into stock: the last output takes all of WIP, one before at most planned cost; at
        standard cost each takes its standard. What leaves WIP.
        """
        if not self.output_qty:
            self.is_standard = self.floor.is_done and self._will_be_standard()
            return ZERO
        gains = self._gains(book)
        takes_all = self.floor.is_done and not self.is_standard and not self.order.is_rework
        most = None if takes_all else money(self.order.planned_unit_cost * self.output_qty, self.decimals)
        before, coming = self._coming(book)
        value, extra = split_cost(coming=coming, before=before, wip=left, most=most, decimals=self.decimals)
        worth = gains or allocate(value, [quantity for _, quantity in self.parts], self.decimals)
        self.output_value = sum(worth, ZERO)
        outputs = [self._output(places, *part, share) for part, share in zip(self.parts, worth, strict=True)]
        lots = {row.material.pk: lot_id for row, _, lot_id in self.beside}
        outputs += [self._byproduct(places, one, lots[one.row.material.pk]) for one in extra]
        return sum((book.put(output) for output in outputs), ZERO)

    def _gains(self, book: Book) -> list[Decimal]:
        """What free stock at standard cost gains by each part; nothing when it has another method."""
        area = self.plant.pk, self.order.material_id, None
        if self.floor.sales_order_id is not None or book.valuing.gain_at_standard(area, self.output_qty) is None:
            return []
        self.is_standard = True
        sums = [sum((quantity for _, quantity in self.parts[:place]), ZERO) for place in range(len(self.parts) + 1)]
        whole = [book.valuing.gain_at_standard(area, quantity) or ZERO for quantity in sums]
        return [after - before for before, after in pairwise(whole)]

    def _will_be_standard(self) -> bool:
        """Whether what is made for stock is kept at standard cost; asked when nothing came out."""
        category = self.order.material.category
        return self.floor.sales_order_id is None and category.valuation == MaterialCategory.Valuation.STANDARD

    def _coming(self, book: Book) -> tuple[Decimal, list[Coming]]:
        """What the product took before, and the by-products with what they took; without shares nobody needs it."""
        now = {row.material.pk: quantity for row, quantity, _ in self.beside}
        if not any(row.cost_share_percent for row in self.rows):
            return ZERO, [Coming(row, quantity, self._worth(book, row)) for row, quantity, _ in self.beside]
        done = self.floor.operation.good_qty
        product, taken, lasting = taken_by(self.order.pk)
        coming = []
        for row in self.rows:
            expected = row.brought_by(done if self.floor.is_done else max(done, self.order.quantity))
            coming.append(
                Coming(
                    row,
                    now.get(row.material.pk, ZERO),
                    self._worth(book, row) if row.cost_share_percent is None else ZERO,
                    (row.cost_share_percent or ZERO) / 100 if expected else ZERO,
                    Decimal(1) if self.floor.is_done else row.brought_by(done) / row.begun_by(done),
                    taken.get(row.material.pk, ZERO),
                    lasting.get(row.material.pk, ZERO),
                )
            )
        return product, coming

    def _worth(self, book: Book, row: Byproduct) -> Decimal:
        value = book.unit_value(self.plant.pk, row.material.pk)
        return row.material.standard_cost if value is None else value

    def _byproduct(self, places: dict[str, int], credit: Credit, lot_id: int | None) -> MoveIntent:
        """Into free stock, also out of an order's work: the order pays less, and anybody may use it."""
        material_id = credit.row.material.pk
        return MoveIntent(
            kind=Kind.BYPRODUCT,
            plant=self.plant,
            material_id=material_id,
            source_id=places[Location.Kind.PRODUCTION],
            target_id=places[Location.Kind.STOCK],
            quantity=credit.quantity,
            value=credit.value,
            lot_id=lot_id,
            document=f"operation:{self.floor.worked.pk}",
            sales_order_id=self.floor.sales_order_id,
            work_order_id=self.order.pk,
            cost=CostTag(
                kind=CostEntry.Kind.INCURRED,
                element=Element.MATERIAL,
                quantity=credit.quantity,
                operation_id=self.floor.worked.pk,
                material_id=material_id,
            ),
        )

    def _output(self, places: dict[str, int], lot_id: int | None, quantity: Decimal, value: Decimal) -> MoveIntent:
        return MoveIntent(
            kind=Kind.OUTPUT,
            plant=self.plant,
            material_id=self.order.material_id,
            source_id=places[Location.Kind.PRODUCTION],
            target_id=places[Location.Kind.STOCK],
            quantity=quantity,
            value=value,
            lot_id=lot_id,
            document=f"operation:{self.floor.worked.pk}",
            target_order_id=self.owner_id,
            sales_order_id=self.floor.sales_order_id,
            work_order_id=self.order.pk,
            cost=self._transfer(quantity, "incurred" if self.order.is_rework else "transfer"),
        )

    def _residue(self, left: Decimal) -> Tagged:
        """What the last piece could not take: cost of goods of the order, which pays for its scrap, or a variance."""
        role = Role.COGS if self.floor.sales_order_id else Role.PRODUCTION_VARIANCE
        lines = [
            LedgerLine(role=role, amount=left, **self.dimensions),
            LedgerLine(role=Role.WIP, amount=-left, **self.dimensions),
        ]
        return self._draft(JournalEntry.Kind.ADJUSTMENT, lines), [None, self._transfer(None)]

    def _transfer(self, quantity: Decimal | None, kind: str = "transfer") -> CostTag:
        return CostTag(
            kind=kind,
            element=Element.MATERIAL,
            quantity=quantity,
            operation_id=self.floor.worked.pk,
            material_id=self.order.material_id,
        )

    def _draft(self, kind: str, lines: list[LedgerLine]) -> EntryDraft:
        source = f"operation:{self.floor.worked.pk}"
        return EntryDraft(company_id=self.plant.company_id, kind=kind, source=source, lines=lines)
