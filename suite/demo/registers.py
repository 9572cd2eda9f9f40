"""What the smaller registers of the demo hold: units of boards, rates of exchange, terms of payment, bank accounts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import services as erp
from masterdata.models import (
    Address,
    Company,
    Currency,
    ExchangeRate,
    Material,
    Partner,
    PartnerAccount,
    PaymentTerm,
    TaxCode,
    Unit,
    UnitConversion,
)

SHEET_M2 = Decimal("5.796")  # 2.80 m x 2.07 m
IBAN = "DE89370400440532013000"
# Customers of whom there is one story each: code, name, city, country.
SPECIAL = [("ALTONA", "Altona Loft Hotels", "Hamburg", "DE"), ("GRANIT", "Granit Outlet", "Brno", "CZ")]
RATES = {"USD": ("US dollar", "1.0820"), "CNY": ("Renminbi", "7.6400"), "PLN": ("Złoty", "4.2900")}


def write(euro: Currency, now: dt.datetime) -> None:
    """Boards are bought by the sheet and used by the square metre; three currencies a euro buys."""
    sheet = Unit.objects.create(code="SHT", name="Sheet", rounding=1)
    boards = Material.objects.filter(category__name="Boards", unit__code="M2").order_by("code")
    UnitConversion.objects.bulk_create(
        UnitConversion(material=board, unit=sheet, base_units_per_unit=SHEET_M2) for board in boards
    )
    since = now.date().replace(day=1)
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            base=euro,
            quote=Currency.objects.create(code=code, name=name),
            valid_from=since,
            rate=Decimal(rate),
        )
        for code, (name, rate) in RATES.items()
    )


def terms() -> tuple[PaymentTerm, PaymentTerm, PaymentTerm]:
    """A month, a week, and a month less 2 % for those who pay within ten days."""
    return (
        PaymentTerm.objects.create(code="N30", name="30 days net", days=30),
        PaymentTerm.objects.create(code="N7", name="7 days net", days=7),
        PaymentTerm.objects.create(
            code="D2", name="2 % in 10 days, 30 days net", days=30, discount_percent=Decimal(2), discount_days=10
        ),
    )


def special_customers(euro: Currency, tax: TaxCode) -> dict[str, Partner]:
    """One that pays 30 percent with the order, one that may owe little."""
    term = PaymentTerm.objects.create(code="A30", name="30 % with the order, 30 days", order_percent=Decimal(30))
    found = {}
    for number, (code, name, city, country) in enumerate(SPECIAL):
        found[code] = Partner.objects.create(
            code=code, name=name, is_customer=True, email=f"orders@{code.lower()}.example", currency=euro, tax_code=tax,
            payment_term=term if code == "ALTONA" else PaymentTerm.objects.get(code="N30"),
        )  # fmt: skip
        Address.objects.create(partner=found[code], line1=f"{number + 21} Quay Street", city=city, country=country)
    return found


def iban(country: str, bban: str) -> str:
    """The account number with its check digits."""
    turned = int("".join(str(int(sign, 36)) for sign in f"{bban}{country}00"))
    return f"{country}{98 - turned % 97:02d}{bban}"


def give_accounts() -> None:
    """Each partner one account at a bank that there is not."""
    PartnerAccount.objects.bulk_create(
        PartnerAccount(partner=partner, iban=iban("DE", f"99999999{partner.pk:010d}"), holder=partner.name)
        for partner in Partner.objects.order_by("pk")
    )


def open_bank(company: Company, now: dt.datetime) -> None:
    """An account at the bank, what goes without a second person, and overhead on labour; before the first order."""
    erp.open_bank_account(
        company_id=company.pk, name="House bank", currency_id=company.currency_id, account_code="1000", iban=IBAN,
        bic="FJHBDEFF",
    )  # fmt: skip
    erp.set_money_policy(
        company_id=company.pk, write_off_limit=Decimal(5), discount_grace_days=2, invoice_limit=Decimal(500)
    )
    since = now.date() - dt.timedelta(days=60)
    erp.set_overhead(basis="labour", value=Decimal(18), company=company, valid_from=since)
