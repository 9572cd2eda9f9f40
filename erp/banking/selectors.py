"""Questions about bank statements: what is not matched yet, and what a line probably is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from erp.banking.models import BankLine, BankMatch, BankRule, BankStatement
from erp.payables.models import SupplierInvoice, SupplierPayment
from erp.payables.selectors import with_open
from erp.receivables.models import Invoice, Payment
from masterdata.access import visible_to
from masterdata.models import PartnerAccount
from masterdata.numbers import ZERO

SEE = "erp.view_ledger"
MONEY: DecimalField = DecimalField(max_digits=20, decimal_places=4)
LEAST_SCORE, MOST = 30, 8
NUMBER, AMOUNT, ACCOUNT, NAME, RULE = 50, 30, 25, 15, 60


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a line may be: an invoice, a bill, a payment that is recorded, or an account; why, and how sure (to 100)."""

    kind: str
    target_id: int
    label: str
    amount: Decimal
    score: int
    reason: str
    discount: Decimal = ZERO


def with_rest(rows: Any) -> Any:
    """Add `rest`: what of each line is not matched."""
    matched = BankMatch.objects.filter(line=OuterRef("pk"), undone_at=None).order_by().values("line")
    total = Subquery(matched.annotate(x=Sum("amount")).values("x"), output_field=MONEY)
    return rows.annotate(rest=F("amount") - Coalesce(total, ZERO, output_field=MONEY))


def visible_lines(user: Any) -> Any:
    """Lines of the companies where the user may see the ledger, with what is not matched of each."""
    return visible_to(user, with_rest(BankLine.objects.select_related("bank_account__currency", "statement")), SEE)


def visible_statements(user: Any) -> Any:
    """Statements of those companies."""
    return visible_to(user, BankStatement.objects.select_related("bank_account__currency"), SEE)


def proposals(line: Any) -> list[Proposed]:
    """What a line with a `rest` may be, the likeliest first; nothing below a least score.

    A number in its text counts most, then the amount, the partner's account, and his name; a remembered rule stands by
    itself.
    """
    if not line.rest:
        return []
    found = [*(_invoices(line) if line.rest > 0 else _bills(line)), *_recorded(line), *_rules(line)]
    found = [one for one in found if one.score >= LEAST_SCORE]
    return sorted(found, key=lambda one: -one.score)[:MOST]


def _invoices(line: Any) -> Iterable[Proposed]:
    bank = line.bank_account
    rows = Invoice.objects.filter(company=bank.company_id, currency=bank.currency_id).with_open()
    known = _partners_of(line)
    for row in rows.filter(open_amount__gt=0).select_related("customer").order_by("due_on", "pk"):
        is_early = row.discount_on is not None and line.booked_on <= row.discount_on
        discount = row.discount_amount if is_early and row.open_amount - row.discount_amount == line.rest else ZERO
        fits = line.rest in (row.open_amount, row.open_amount - discount)
        score, reason = _weighed(line, [row.number], fits, row.customer, known)
        amount = min(line.rest, row.open_amount - discount)
        yield Proposed("invoice", row.pk, f"{row.number} · {row.customer.name}", amount, score, reason, discount)


def _bills(line: Any) -> Iterable[Proposed]:
    bank = line.bank_account
    posted = SupplierInvoice.objects.filter(
        company=bank.company_id, currency=bank.currency_id, state="posted", kind="invoice"
    )
    known = _partners_of(line)
    for row in with_open(posted).filter(open_amount__gt=0).select_related("supplier").order_by("due_on", "pk"):
        is_early = row.discount_on is not None and line.booked_on <= row.discount_on
        discount = row.discount_amount if is_early and row.open_amount - row.discount_amount == -line.rest else ZERO
        fits = -line.rest in (row.open_amount, row.open_amount - discount)
        score, reason = _weighed(line, [row.number, row.reference], fits, row.supplier, known)
        amount = -min(-line.rest, row.open_amount - discount)
        yield Proposed("bill", row.pk, f"{row.number} · {row.supplier.name}", amount, score, reason, discount)


def _recorded(line: Any) -> Iterable[Proposed]:
    """Payments that are in the books and that no line of the bank was matched with."""
    bank, known = line.bank_account, _partners_of(line)
    same = {"company": bank.company_id, "currency": bank.currency_id}
    here = Q(bank_account=bank) | Q(bank_account=None)
    free = ~Q(pk__in=BankMatch.objects.filter(undone_at=None, payment__isnull=False).values("payment"))
    for row in Payment.objects.filter(here, free, amount=line.rest, **same).select_related("customer"):
        score, reason = _weighed(line, [row.number, row.reference], True, row.customer, known)
        label = f"{row.number} · {row.customer.name}"
        yield Proposed("payment", row.pk, label, row.amount, score + NAME, _("Recorded already: ") + reason)
    free = ~Q(
        pk__in=BankMatch.objects.filter(undone_at=None, supplier_payment__isnull=False).values("supplier_payment")
    )
    for paid in SupplierPayment.objects.filter(here, free, amount=-line.rest, **same).select_related("supplier"):
        score, reason = _weighed(line, [paid.number, paid.reference], True, paid.supplier, known)
        label = f"{paid.number} · {paid.supplier.name}"
        yield Proposed("supplier_payment", paid.pk, label, -paid.amount, score + NAME, _("Recorded already: ") + reason)


def _rules(line: Any) -> Iterable[Proposed]:
    said = f"{line.partner_name} {line.text}".lower()
    for rule in BankRule.objects.filter(company=line.bank_account.company_id).select_related("account"):
        if rule.words.lower() in said:
            reason = _("has the words %(words)s") % {"words": rule.words}
            yield Proposed("account", rule.account_id, str(rule.account), line.rest, RULE, reason)


def _partners_of(line: Any) -> set[int]:
    if not line.iban:
        return set()
    return set(PartnerAccount.objects.filter(iban=line.iban).values_list("partner", flat=True))


def _weighed(line: Any, numbers: Sequence[str], fits: bool, partner: Any, known: set[int]) -> tuple[int, str]:
    """The score of a candidate, and its reasons in words."""
    text = re.sub(r"[^a-z0-9]", "", line.text.lower())
    plain = [re.sub(r"[^a-z0-9]", "", number.lower()) for number in numbers if number]
    found: list[tuple[int, str]] = []
    if any(len(number) > 2 and number in text for number in plain):
        found.append((NUMBER, _("number in the text")))
    if fits:
        found.append((AMOUNT, _("same amount")))
    if partner.pk in known:
        found.append((ACCOUNT, _("their account")))
    if line.partner_name and _is_alike(line.partner_name, partner.name):
        found.append((NAME, _("their name")))
    return min(100, sum(points for points, _words in found)), ", ".join(words for _points, words in found)


def _is_alike(one: str, other: str) -> bool:
    """They share a word of four letters or more."""
    words = [set(re.findall(r"\w{4,}", name.lower())) for name in (one, other)]
    return bool(words[0] & words[1])
