"""Posting of a supplier invoice: goods received not invoiced and tax against payables, the difference to its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection

from erp.cost.models import CostEntry
from erp.cost.services.bookings import EXPENSE
from erp.cost.services.entries import CostTag, book_costs
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import LedgerLine, posting_day
from erp.ledger.taxes import Taxed, by_code
from erp.payables.grni import LineAccount
from erp.payables.models import SupplierInvoice, SupplierInvoiceLine
from erp.stock.later_costs import LaterCost, areas_of, spread_costs
from erp.stock.models import StockMove, ValueChange
from erp.stock.revaluing import write_changes
from erp.stock.tracing import receipt_moves
from erp.stock.valuing import Valuing
from erp.supply.models import PurchaseOrderLine
from masterdata.models import Plant
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, allocate

Role = Account.Role
SERIES: dict[str, str] = {SupplierInvoice.Kind.INVOICE: "SI", SupplierInvoice.Kind.CREDIT_NOTE: "SC"}

_INVOICED = """
    UPDATE erp_purchaseorderline l SET invoiced_qty = l.invoiced_qty + c.quantity
    FROM unnest(%s::bigint[], %s::numeric[]) AS c(id, quantity) WHERE l.id = c.id
"""


class InvoicePosting:
    """One invoice whose purchase order lines are locked: what it clears, where its differences go, its entry."""

    def __init__(
        self,
        invoice: SupplierInvoice,
        lines: Sequence[SupplierInvoiceLine],
        order_lines: Mapping[int, PurchaseOrderLine],
        accounts: Mapping[int, LineAccount],
        held_work_orders: set[int],
    ) -> None:
        self.invoice, self.lines = invoice, lines
        self.order_lines, self.accounts = order_lines, accounts
        self.held_work_orders = held_work_orders
        self.sign, self.decimals = invoice.sign, invoice.company.currency.decimals
        self.is_credit = invoice.kind == SupplierInvoice.Kind.CREDIT_NOTE
        self.home = self._home()
        self.more: list[LedgerLine] = []
        self.tags: dict[int, CostTag] = {}
        self.costs: list[LaterCost] = []
        self.moves = receipt_moves([line.order_line_id for line in lines if line.order_line_id])

    def post(self, now: dt.datetime) -> None:
        """Write entry, changes of value, cleared amounts and invoiced quantities; the number is taken last.

        Locks the valuation areas of what differs. Raises UsersChanged, PeriodClosed.
        """
        for line in self.lines:
            self._line(line)
        self._tax_and_payable()
        moves = [cost.move for cost in self.costs]
        valuing = Valuing(areas_of(moves), decimals=self.decimals)
        source = f"supplier_invoice:{self.invoice.pk}"
        spread = spread_costs(
            costs=self.costs,
            held_work_orders=self.held_work_orders,
            valuing=valuing,
            kind=ValueChange.Kind.INVOICE,
            source=source,
            reason=self.invoice.reference,
            now=now,
        )
        posted = write_changes(
            spread=spread,
            valuing=valuing,
            company_id=self.invoice.company_id,
            kind=JournalEntry.Kind.SUPPLIER_INVOICE,
            memo=f"{self.invoice.supplier.name} {self.invoice.reference}",
            source=source,
            now=now,
            more=self.more,
        )
        own = posted.lines[len(spread.lines) :]
        book_costs(postings=[(own[index], tag) for index, tag in self.tags.items()], now=now)
        SupplierInvoiceLine.objects.bulk_update(self.lines, ["cleared_amount"])
        self._write_quantities()
        self.invoice.entry, self.invoice.posted_at = posted.entry, now
        self.invoice.state = SupplierInvoice.State.POSTED
        self.invoice.number = next_numbers(
            company=self.invoice.company, kind=SERIES[self.invoice.kind], year=posting_day(self.more, now).year
        )[0]
        self.invoice.version += 1
        self.invoice.save()

    def _line(self, line: SupplierInvoiceLine) -> None:
        """What the line clears, and what it differs by."""
        if line.order_line_id is None:
            line.cleared_amount = ZERO
            self._charge(line)
            return
        order_line = self.order_lines[line.order_line_id]
        account = self.accounts[line.order_line_id]
        matched, cleared = account.clears(line.quantity, self.decimals, is_credit=self.is_credit)
        line.cleared_amount = self.sign * cleared
        plant = order_line.order.plant
        self._line_of(Role.GRNI, cleared, plant, order_line)
        difference = self.sign * line.own_net - cleared
        if not difference:
            return
        if self.is_credit and line.quantity:  # what it is for has left
            self._line_of(Role.PRICE_VARIANCE, difference, plant, order_line)
            return
        start, end = account.invoiced_qty, account.invoiced_qty + matched
        beyond = line.quantity - matched
        if not line.quantity:
            start, end = ZERO, account.received_qty
        inside, outside = allocate(difference, [end - start, beyond], self.decimals)
        self._line_of(Role.PRICE_VARIANCE, outside, plant, order_line)
        self._to_receipts(self.moves[line.order_line_id], start, end, inside, order_line)

    def _charge(self, line: SupplierInvoiceLine) -> None:
        """A line without goods: its account, the order whose cost it is, else the accrual of landed cost."""
        amount, beside = self.sign * line.own_net, self._beside(self.sign * line.net_amount)
        plant = line.plant or self.home
        if line.sales_order_id:
            self.tags[len(self.more)] = CostTag(kind=CostEntry.Kind.INCURRED, element=line.element)
            role, account_id = EXPENSE[line.element], None
        elif line.account_id:
            role, account_id = "", line.account_id
        else:
            role, account_id, plant, beside = Role.LANDED_COST, None, self.home, {}
        self.more.append(
            LedgerLine(
                role=role,
                account_id=account_id,
                amount=amount,
                plant=plant,
                partner=self.invoice.supplier,
                sales_order_id=line.sales_order_id,
                **beside,
            )
        )

    def _beside(self, amount: Decimal) -> dict[str, Any]:
        """The same in the invoice's currency, when that is another."""
        is_foreign = self.invoice.currency_id != self.invoice.company.currency_id
        return {"currency_id": self.invoice.currency_id, "currency_amount": amount} if is_foreign else {}

    def _tax_and_payable(self) -> None:
        """Tax by code; what is payable, with the base of each code that comes to no tax on a line of its own."""
        sign, payable, in_currency = (
            self.sign,
            self.sign * self.invoice.own_gross,
            self.sign * self.invoice.gross_amount,
        )
        taxed = by_code((line.tax_code_id, sign * line.own_net, sign * line.own_tax) for line in self.lines)
        same = by_code((line.tax_code_id, sign * line.net_amount, sign * line.tax_amount) for line in self.lines)
        amounts = {one.tax_code_id: one for one in same}
        for one in taxed:
            there = amounts[one.tax_code_id]
            if one.tax:
                self.more.append(self._taxed(Role.INPUT_TAX, one.tax, one, there.tax))
            else:
                self.more.append(self._taxed(Role.PAYABLE, -one.base, one, -there.base))
                payable -= one.base
                in_currency -= there.base
        self.more.append(
            LedgerLine(
                role=Role.PAYABLE,
                amount=-payable,
                plant=self.home,
                partner=self.invoice.supplier,
                **self._beside(-in_currency),
            )
        )

    def _taxed(self, role: str, amount: Decimal, one: Taxed, in_currency: Decimal) -> LedgerLine:
        return LedgerLine(
            role=role,
            amount=amount,
            plant=self.home,
            partner=self.invoice.supplier,
            tax_code_id=one.tax_code_id,
            tax_base=one.base,
            **self._beside(in_currency),
        )

    def _to_receipts(
        self, moves: Sequence[StockMove], start: Decimal, end: Decimal, amount: Decimal, order_line: PurchaseOrderLine
    ) -> None:
        """Split a difference over the receipts that the invoiced pieces came with, in the order in which they came."""
        parts: list[tuple[StockMove, Decimal]] = []
        at = ZERO
        for move in moves:
            part = min(end, at + move.quantity) - max(start, at)
            at += move.quantity
            if part > 0:
                parts.append((move, part))
        if not parts:
            self._line_of(Role.PRICE_VARIANCE, amount, order_line.order.plant, order_line)
            return
        shares = allocate(amount, [part for _, part in parts], self.decimals)
        is_fee = order_line.components.exists()
        self.costs += [LaterCost(move, share, is_fee) for (move, _), share in zip(parts, shares, strict=True)]

    def _line_of(self, role: str, amount: Decimal, plant: Plant, order_line: PurchaseOrderLine | None = None) -> None:
        self.more.append(
            LedgerLine(
                role=role,
                amount=amount,
                plant=plant,
                partner=self.invoice.supplier,
                material_id=order_line.material_id if order_line else None,
            )
        )

    def _home(self) -> Plant:
        """The plant whose books carry tax and payables: of the first line's order, else the company's first."""
        for line in self.lines:
            if line.order_line_id:
                return self.order_lines[line.order_line_id].order.plant
        return self.invoice.company.plants.order_by("pk")[0]

    def _write_quantities(self) -> None:
        goods = [line for line in self.lines if line.order_line_id and line.quantity]
        with connection.cursor() as cursor:
            columns = [line.order_line_id for line in goods], [self.sign * line.quantity for line in goods]
            cursor.execute(_INVOICED, columns)
