"""Deeds of supplier invoices: enter one (it is posted or held), release, withdraw; and set the tolerances."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from erp.ledger.services import posting_day
from erp.payables.grni import line_accounts
from erp.payables.matching import differences
from erp.payables.models import InvoiceHold, MatchTolerance, SupplierInvoice, SupplierInvoiceLine
from erp.payables.services.bearers import check_bearers
from erp.payables.services.posting import InvoicePosting
from erp.payables.services.tries import until_it_stands
from erp.stock.later_costs import hold_users
from erp.stock.tracing import receipt_moves
from erp.supply.models import PurchaseOrder, PurchaseOrderLine
from erp.treasury.banks import policy_of
from erp.treasury.conversion import conversion
from masterdata import live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company, Currency, Partner, TaxCode, User
from masterdata.numbers import ZERO, allocate, money


class DuplicateReference(Refusal):
    """The supplier's number was entered already."""

    code = "duplicate_reference"


class OwnInvoice(Refusal):
    """Who entered an invoice above the limit does not approve it."""

    code = "own_invoice"


class NotHeld(Refusal):
    """The invoice is posted or withdrawn already."""

    code = "invoice_not_held"


@dataclass(frozen=True, kw_only=True, slots=True)
class InvoiceLineInput:
    """A line of the paper: `net_amount` for `quantity` base units of a purchase order line, or for a `charge`.

    A charge goes to `account_id` (of a plant), or is cost of a sales order by its element; else it was accrued.
    A quantity of zero with an order line corrects its price afterwards.
    """

    net_amount: Decimal
    quantity: Decimal = ZERO
    order_line_id: int | None = None
    charge: str = ""
    tax_code_id: int | None = None
    account_id: int | None = None
    plant_id: int | None = None
    sales_order_id: int | None = None
    element: str = ""


@until_it_stands
@transaction.atomic
def enter_supplier_invoice(
    *,
    company_id: int,
    supplier_id: int,
    reference: str,
    invoiced_on: dt.date,
    lines: Sequence[InvoiceLineInput],
    now: dt.datetime,
    kind: str = SupplierInvoice.Kind.INVOICE,
    stated_gross: Decimal | None = None,
    currency_id: int | None = None,
    rate: Decimal | None = None,
    by: User | None = None,
) -> SupplierInvoice:
    """Enter a supplier's invoice or credit note; match it with orders and receipts; post it, or hold it with reasons.

    Within the company's tolerances it is posted at once: goods received, not invoiced and input tax against payables,
    a gapless number; a difference goes to the goods on hand or to the orders that used them. Tax is computed per tax
    code on the document. In another currency at `rate`, else at the rate of the paper's day. Lines to accounts and
    orders above the company's limit wait for approval by somebody else than `by`. Locks the orders and work orders
    that used the goods, the purchase orders and their lines, the valuation areas, the number series last. Raises
    DuplicateReference, InvalidInput, NoRate, PeriodClosed.
    """
    company = Company.objects.select_related("currency").get(pk=company_id)
    supplier = Partner.objects.select_related("payment_term").get(pk=supplier_id)
    reference = " ".join(reference.split())
    currency = Currency.objects.get(pk=currency_id) if currency_id else company.currency
    decimals = currency.decimals
    _check_paper(company, supplier, reference, invoiced_on, lines, now, decimals)
    rates = conversion(company=company, currency=currency, day=invoiced_on, rate=rate)
    held, order_lines = _hold_lines({line.order_line_id for line in lines if line.order_line_id})
    _check_lines(company, supplier, lines, order_lines)
    check_bearers(company, lines)
    taken = SupplierInvoice.objects.filter(
        company=company, supplier=supplier, kind=kind, reference__iexact=reference
    ).exclude(state=SupplierInvoice.State.WITHDRAWN)
    if earlier := taken.first():
        raise DuplicateReference(
            f"{reference} of {supplier.name} was entered already"
            f"{f' as {earlier.number}' if earlier.number else ' and is held'}: check the number on the paper.",
            field="reference",
            supplier_invoice_id=earlier.pk,
        )
    taxes = _taxes(lines, decimals)
    net, tax = sum((line.net_amount for line in lines), ZERO), sum(taxes, ZERO)
    own_net = sum((rates.of(line.net_amount) for line in lines), ZERO)
    own_tax = sum((rates.of(one) for one in taxes), ZERO)
    term = supplier.payment_term
    is_discounted = term is not None and term.discount_percent and kind == SupplierInvoice.Kind.INVOICE
    percent, days = (term.discount_percent, term.discount_days) if term and is_discounted else (ZERO, 0)
    invoice = SupplierInvoice.objects.create(
        kind=kind,
        company=company,
        supplier=supplier,
        reference=reference,
        currency=currency,
        rate=rates.value,
        invoiced_on=invoiced_on,
        due_on=invoiced_on + dt.timedelta(days=term.days if term else 30),
        net_amount=net,
        tax_amount=tax,
        gross_amount=net + tax,
        own_net=own_net,
        own_tax=own_tax,
        own_gross=own_net + own_tax,
        stated_gross=stated_gross,
        discount_on=invoiced_on + dt.timedelta(days=days) if is_discounted else None,
        discount_amount=money((net + tax) * percent / 100, decimals),
        entered_at=now,
        entered_by=by,
    )
    rows = SupplierInvoiceLine.objects.bulk_create(
        SupplierInvoiceLine(
            invoice=invoice,
            line_no=number,
            order_line_id=line.order_line_id,
            charge=line.charge,
            quantity=line.quantity,
            account_id=line.account_id,
            plant_id=line.plant_id,
            sales_order_id=line.sales_order_id,
            element=line.element,
            net_amount=line.net_amount,
            own_net=rates.of(line.net_amount),
            tax_code_id=line.tax_code_id,
            tax_amount=tax_amount,
            own_tax=rates.of(tax_amount),
        )
        for number, (line, tax_amount) in enumerate(zip(lines, taxes, strict=True), start=1)
    )
    accounts = line_accounts(order_lines)
    off = differences(
        invoice=invoice,
        lines=rows,
        accounts=accounts,
        tolerance=MatchTolerance.objects.filter(company=company).first(),
        decimals=company.currency.decimals,
        limit=policy_of(company.pk).invoice_limit,
    )
    if off:
        InvoiceHold.objects.bulk_create(
            InvoiceHold(invoice=invoice, line=one.line, reason=one.reason, expected=one.expected, found=one.found)
            for one in off
        )
    else:
        InvoicePosting(invoice, rows, order_lines, accounts, held).post(now)
    live.publish("supplier_invoice", invoice.pk)
    return invoice


@until_it_stands
@transaction.atomic
def release_supplier_invoice(
    *, invoice_id: int, reason: str, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> SupplierInvoice:
    """Post a held invoice as it is, whatever holds it; the reasons stay with it.

    One that needs approval is released by somebody else than who entered it. Raises NotHeld, OwnInvoice, StaleVersion.
    """
    lines = list(SupplierInvoiceLine.objects.filter(invoice=invoice_id).order_by("line_no"))
    held, order_lines = _hold_lines({line.order_line_id for line in lines if line.order_line_id})
    invoice = _held_invoice(invoice_id, expected_version)
    if not reason.strip():
        raise InvalidInput("Say why it may be paid as it is.", field="reason")
    needs_other = invoice.holds.filter(reason=InvoiceHold.Reason.APPROVAL).exists()
    if needs_other and by is not None and by.pk == invoice.entered_by_id:
        raise OwnInvoice(f"You entered {invoice.reference}: somebody else has to release it.", field="reason")
    invoice.release_reason, invoice.released_by = reason.strip()[:200], by
    InvoicePosting(invoice, lines, order_lines, line_accounts(order_lines), held).post(now)
    live.publish("supplier_invoice", invoice.pk)
    return invoice


@transaction.atomic
def withdraw_supplier_invoice(*, invoice_id: int, expected_version: int | None = None) -> SupplierInvoice:
    """Send a held invoice back; its number may be entered again. Raises NotHeld, StaleVersion."""
    invoice = _held_invoice(invoice_id, expected_version)
    invoice.state = SupplierInvoice.State.WITHDRAWN
    invoice.version += 1
    invoice.save(update_fields=["state", "version"])
    live.publish("supplier_invoice", invoice.pk)
    return invoice


@transaction.atomic
def set_match_tolerance(
    *,
    company_id: int,
    price_percent: Decimal,
    price_amount: Decimal | None,
    quantity_percent: Decimal,
    expected_version: int | None = None,
) -> MatchTolerance:
    """Say how far supplier invoices of a company may be off and still be posted. Raises StaleVersion, InvalidInput."""
    if min(price_percent, quantity_percent, price_amount or ZERO) < 0:
        raise InvalidInput("A tolerance is zero or more.", field="price_percent")
    row, _ = MatchTolerance.objects.get_or_create(company_id=company_id)
    row = MatchTolerance.objects.select_for_update(no_key=True).order_by("pk").get(pk=row.pk)
    if expected_version not in (None, row.version):
        raise StaleVersion("Somebody changed the tolerances meanwhile: look at them again.", version=row.version)
    row.price_percent, row.price_amount, row.quantity_percent = price_percent, price_amount, quantity_percent
    row.version += 1
    row.save()
    return row


def _held_invoice(invoice_id: int, expected_version: int | None) -> SupplierInvoice:
    invoice = (
        SupplierInvoice.objects.select_for_update(no_key=True, of=("self",))
        .select_related("company", "supplier", "currency")
        .order_by("pk")
        .get(pk=invoice_id)
    )
    if expected_version not in (None, invoice.version):
        raise StaleVersion("Somebody changed the invoice meanwhile: look at it again.", version=invoice.version)
    if invoice.state != SupplierInvoice.State.HELD:
        raise NotHeld(f"{invoice} is {invoice.get_state_display().lower()} already: nothing to decide.")
    return invoice


def _hold_lines(line_ids: Collection[int]) -> tuple[set[int], dict[int, PurchaseOrderLine]]:
    """Lock who used the goods, then the purchase orders and all their lines by id."""
    work_orders = hold_users([move for moves in receipt_moves(line_ids).values() for move in moves])
    orders = PurchaseOrder.objects.filter(lines__in=line_ids).values_list("pk", flat=True)
    list(PurchaseOrder.objects.select_for_update(no_key=True).filter(pk__in=set(orders)).order_by("pk"))
    rows = PurchaseOrderLine.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=line_ids)
    rows = rows.select_related("order__plant", "order__supplier", "material")
    return work_orders, {row.pk: row for row in rows.order_by("pk")}


def _check_paper(
    company: Company,
    supplier: Partner,
    reference: str,
    invoiced_on: dt.date,
    lines: Sequence[InvoiceLineInput],
    now: dt.datetime,
    decimals: int,
) -> None:
    if not supplier.is_supplier:
        raise InvalidInput(f"{supplier.name} is no supplier: choose one.", field="supplier")
    if not reference:
        raise InvalidInput("Enter the number that the supplier gave the paper.", field="reference")
    if invoiced_on > max(posting_day([], now), now.astimezone(dt.UTC).date() + dt.timedelta(days=1)):
        raise InvalidInput("The date on the paper lies ahead: enter today at the latest.", field="invoiced_on")
    if not lines or not sum((line.net_amount for line in lines), ZERO):
        raise InvalidInput("Enter at least one line with an amount.", field="lines")
    _check_figures(decimals, lines)


def _check_figures(decimals: int, lines: Sequence[InvoiceLineInput]) -> None:
    for index, line in enumerate(lines):
        if line.net_amount < 0 or money(line.net_amount, decimals) != line.net_amount:
            raise InvalidInput(
                "Enter an amount of zero or more, to the smallest coin.", field=f"lines.{index}.net_amount"
            )
        if line.quantity < 0:
            raise InvalidInput("Enter a quantity of zero or more.", field=f"lines.{index}.quantity")
        if (line.order_line_id is None) != bool(line.charge):
            raise InvalidInput(
                "A line is either for goods of a purchase order or for a charge.", field=f"lines.{index}.charge"
            )


def _check_lines(
    company: Company,
    supplier: Partner,
    lines: Sequence[InvoiceLineInput],
    order_lines: dict[int, PurchaseOrderLine],
) -> None:
    named = [line.order_line_id for line in lines if line.order_line_id]
    if len(set(named)) < len(named):
        raise InvalidInput("Name each line of a purchase order once.", field="lines")
    for index, line in enumerate(lines):
        if line.order_line_id is None:
            continue
        order = order_lines[line.order_line_id].order if line.order_line_id in order_lines else None
        if order is None or order.supplier_id != supplier.pk or order.plant.company_id != company.pk:
            raise InvalidInput(
                f"Choose a line of a purchase order of {company.name} with {supplier.name}.",
                field=f"lines.{index}.order_line",
            )


def _taxes(lines: Sequence[InvoiceLineInput], decimals: int) -> list[Decimal]:
    """Tax per code on the document, spread to its lines by largest remainder."""
    rates = dict(TaxCode.objects.filter(pk__in={line.tax_code_id for line in lines}).values_list("pk", "rate_percent"))
    taxes = [ZERO] * len(lines)
    by_code: dict[int, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        if line.tax_code_id:
            by_code[line.tax_code_id].append(index)
    for code, indexes in by_code.items():
        weights = [lines[index].net_amount for index in indexes]
        total = money(sum(weights, ZERO) * rates[code] / 100, decimals)
        for index, part in zip(indexes, allocate(total, weights, decimals), strict=True):
            taxes[index] = part
    return taxes
