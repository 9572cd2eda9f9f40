"""The money of the demo: a bank with a statement, deposits, credit, reminders, entries by two people, closed months."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import services as erp
from erp.banking.selectors import proposals, with_rest
from erp.models import Account, BankAccount, BankLine, Invoice, Payment, Period, SalesOrder, SupplierPayment
from masterdata.models import Partner, User
from suite.demo.factory import Demo

CAPITAL = Decimal(250_000)
CLOSED_AFTER = dt.timedelta(days=14)
ACCOUNTS = [
    ("3010", "Share capital", "equity"),
    ("5700", "Rent", "expense"),
    ("5710", "Electricity", "expense"),
    ("5720", "Wages", "expense"),
    ("2400", "Accrued expenses", "liability"),
]
REMINDERS = [
    (1, 1, "0", "0", "A reminder", "Our books still show as open:\n{invoices}\nIn all {total}. Has it slipped?"),
    (2, 14, "10", "0", "Second reminder", "Please pay {total}{fee} within a week:\n{invoices}"),
    (3, 30, "25", "9", "Last reminder", "We ask for {total}{fee} by return:\n{invoices}"),
]


def tell(demo: Demo, users: dict[str, User]) -> None:
    """Everything that an accountant finds on the desk on an ordinary morning."""
    _entries(demo, users)
    deposit = _deposit(demo)
    _credit(demo)
    _remind(demo)
    _propose(demo, users["boris"])
    _read_statement(demo, deposit, users["anna"])


def _entries(demo: Demo, users: dict[str, User]) -> None:
    """Capital and wages are posted, the rent waits for Anna, the accrual of electricity is her draft."""
    for code, name, kind in ACCOUNTS:
        erp.add_account(company=demo.company, code=code, name=name, kind=kind)
    anna, boris = users["anna"], users["boris"]
    today = demo.now.date()
    _entry(demo, anna, boris, "Paid in by the owners", today - dt.timedelta(days=45), CAPITAL, "1000", "3010")
    _entry(demo, anna, boris, "Wages", today, Decimal(38400), "5720", "1000")
    _entry(demo, boris, None, "Rent of both plants", today, Decimal(9200), "5700", "1000")
    draft = _draft(demo, "Electricity, bill still to come", today, Decimal(3150), "5710", "2400", is_accrual=True)
    erp.write_entry(company=demo.company, draft=draft, by=anna, now=demo.now)


def _draft(
    demo: Demo, memo: str, day: dt.date, amount: Decimal, debit: str, credit: str, *, is_accrual: bool = False
) -> erp.ManualDraft:
    codes = dict(Account.objects.filter(company=demo.company, code__in=[debit, credit]).values_list("code", "pk"))
    lines = [
        erp.ManualLine(codes[debit], amount, plant_id=demo.plants["DG"].pk),
        erp.ManualLine(codes[credit], -amount, plant_id=demo.plants["DG"].pk),
    ]
    return erp.ManualDraft(posted_on=day, memo=memo, lines=lines, is_accrual=is_accrual)


def _entry(
    demo: Demo, by: User, other: User | None, memo: str, day: dt.date, amount: Decimal, debit: str, credit: str
) -> None:
    """Submitted by one, posted by the other when there is one."""
    row = erp.write_entry(
        company=demo.company, draft=_draft(demo, memo, day, amount, debit, credit), by=by, now=demo.now
    )
    erp.submit_entry(entry_id=row.pk, now=demo.now)
    if other is not None:
        erp.approve_entry(entry_id=row.pk, by=other, now=demo.now)


def _deposit(demo: Demo) -> Invoice:
    """Altona's order is confirmed, its 30 percent are asked for."""
    order = SalesOrder.objects.get(customer=demo.others["ALTONA"])
    erp.confirm_order(order_id=order.pk, now=demo.now)
    return erp.post_deposit(order_id=order.pk, stage="order", now=demo.now)


def _credit(demo: Demo) -> None:
    """Granit may owe less than it has ordered; two others have a limit that is far away."""
    limits = [(demo.others["GRANIT"], "300"), (demo.customers[0], "250000"), (demo.customers[5], "250000")]
    for customer, amount in limits:
        erp.set_credit_limit(
            customer=customer, company=demo.company, amount=Decimal(amount), overdue_days=60, held_because=""
        )


def _remind(demo: Demo) -> None:
    """Who had to pay within a week is reminded; the first letter has gone, the others wait for a look."""
    for level, after, fee, interest, subject, body in REMINDERS:
        erp.set_dunning_level(
            company_id=demo.company.pk, level_no=level, after_days=after, fee=Decimal(fee),
            interest_percent=Decimal(interest), texts=[("en", subject, body)],
        )  # fmt: skip
    notices = erp.propose_dunning(company_id=demo.company.pk, today=demo.now.date(), now=demo.now)
    if len(notices) > 1:
        erp.send_notice(notice_id=notices[0].pk, now=demo.now)


def _propose(demo: Demo, by: User) -> None:
    """What is due within a month, with the discounts that are still granted; Anna may approve it."""
    today = demo.now.date()
    erp.propose_payments(
        company_id=demo.company.pk, pay_on=today + dt.timedelta(days=1), due_until=today + dt.timedelta(days=35),
        by=by, now=demo.now,
    )  # fmt: skip


def _read_statement(demo: Demo, deposit: Invoice, by: User) -> None:
    """Money that is in the books, a fee, a deposit that was paid, and a refund of which nobody knows what it is."""
    bank = BankAccount.objects.get(company=demo.company)
    ibans = dict(Partner.objects.filter(accounts__isnull=False).values_list("pk", "accounts__iban"))
    rows = ["date,amount,partner,iban,text"]

    def row(day: dt.date, amount: Decimal, partner: Partner, text: str) -> None:
        rows.append(f"{day},{amount:.2f},{partner.name},{ibans.get(partner.pk, '')},{text}")

    for payment in Payment.objects.select_related("customer").order_by("-received_on", "-pk")[:8]:
        row(payment.received_on, payment.amount, payment.customer, f"Thank you {payment.number}")
    for paid in SupplierPayment.objects.select_related("supplier").order_by("pk"):
        row(paid.paid_on, -paid.amount, paid.supplier, paid.number)
    today = demo.now.date()
    row(today, deposit.gross_amount, deposit.customer, f"Deposit {deposit.number}")
    rows += [f"{today},-18.40,House bank,,Account fee", f"{today},214.60,Stadtwerke,,Refund 8841-2"]
    erp.import_statement(
        bank_account_id=bank.pk, name=f"statement-{today}.csv", content="\n".join(rows).encode(), by=by, now=demo.now
    )
    for line in with_rest(BankLine.objects.select_related("bank_account")).order_by("pk"):
        known = [one for one in proposals(line) if one.kind in ("payment", "supplier_payment")]
        if known:
            best = known[0]
            erp.take_proposal(line_id=line.pk, kind=best.kind, target_id=best.target_id, by=by, now=demo.now)
    fee = Account.objects.get(company=demo.company, role=Account.Role.BANK_FEE)
    line = BankLine.objects.get(text="Account fee")
    erp.book_line(line_id=line.pk, account_id=fee.pk, words="account fee", by=by, now=demo.now)


def close_months(demo: Demo, by: User) -> None:
    """Every month that has been over for two weeks; before, its floor still has to book what was missing.

    Comes after all that is told of the past.
    """
    over = demo.now.date() - CLOSED_AFTER
    for period in Period.objects.filter(company=demo.company, ends_on__lt=over).order_by("starts_on"):
        erp.close_period(period_id=period.pk, now=demo.now, by=by)
