"""Who writes and who reads: the company's head and foot of a letter, the address of a partner."""

from __future__ import annotations

from babel import Locale

from masterdata.documents.letters import Sender
from masterdata.documents.wording import Wording
from masterdata.models import Address, Company, Partner


def sender_of(company: Company, say: Wording, bank: list[str] | None = None) -> Sender:
    """The company with its address; at the foot how to reach it, its numbers, and the lines of its `bank`."""
    lines = [line.strip() for line in company.address.splitlines() if line.strip()]
    numbers = [f"{say.fact('tax_no')} {company.tax_no}"] if company.tax_no else []
    columns = [
        [company.name, *lines],
        [part for part in (company.phone, company.email) if part],
        [*numbers, *([company.register_no] if company.register_no else [])],
        bank or [],
    ]
    return Sender(name=company.name, lines=lines, footer=[column for column in columns if column])


def address_of(partner: Partner, kind: str = Address.Kind.BILLING) -> Address | None:
    """The partner's newest address of the kind, else of the other."""
    rows = {row.kind: row for row in partner.addresses.order_by("pk")}
    return rows.get(kind) or next(iter(rows.values()), None)


def recipient_of(partner: Partner, say: Wording, address: Address | None) -> list[str]:
    """Name and address line by line, the country in the reader's language and capitals."""
    return [partner.name, *(address_lines(address, say) if address else [])]


def address_lines(address: Address, say: Wording) -> list[str]:
    """Street, town, country."""
    territories = Locale.parse(say.language.replace("-hans", "_Hans")).territories
    country = str(territories.get(address.country.upper(), address.country)).upper()
    town = f"{address.postal_code} {address.city}".strip()
    return [line for line in (address.line1, address.line2, town, country) if line]
