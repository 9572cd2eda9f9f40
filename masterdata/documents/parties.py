"""Who writes and who reads: the company's head and foot of a letter, the address of a partner."""

from __future__ import annotations

from functools import cache

from babel import Locale

from masterdata.documents.letters import Sender
from masterdata.documents.wording import Wording
from masterdata.models import Address, Company, Partner
from masterdata.models.languages import DEFAULT, Language


def sender_of(company: Company, say: Wording, bank: list[str] | None = None) -> Sender:
    """The company with its address; at the foot how to reach it, its numbers, and the lines of its `bank`."""
    lines = own_lines(company.address, say)
    numbers = [f"{say.fact('tax_no')} {company.tax_no}"] if company.tax_no else []
    columns = [
        [company.name, *lines],
        [part for part in (company.phone, company.email) if part],
        [*numbers, *([company.register_no] if company.register_no else [])],
        bank or [],
    ]
    return Sender(name=company.name, lines=lines, footer=[column for column in columns if column])


def own_lines(address: str, say: Wording) -> list[str]:
    """The address of a company or plant line by line, a country in its last line in the reader's language."""
    lines = [line.strip() for line in address.splitlines() if line.strip()]
    if lines and (code := _codes_of_countries().get(lines[-1].casefold())):
        lines[-1] = _countries(say.language)[code]
    return lines


def address_of(partner: Partner, kind: str = Address.Kind.BILLING) -> Address | None:
    """The partner's newest address of the kind, else of the other."""
    rows = {row.kind: row for row in partner.addresses.order_by("pk")}
    return rows.get(kind) or next(iter(rows.values()), None)


def recipient_of(partner: Partner, say: Wording, address: Address | None) -> list[str]:
    """Name and address line by line, the country in the reader's language and capitals."""
    return [partner.name, *(address_lines(address, say) if address else [])]


def address_lines(address: Address, say: Wording) -> list[str]:
    """Street, town, country."""
    country = _countries(say.language).get(address.country.upper(), address.country).upper()
    town = f"{address.postal_code} {address.city}".strip()
    return [line for line in (address.line1, address.line2, town, country) if line]


@cache
def _countries(language: str) -> dict[str, str]:
    """The names of countries in a language, by code."""
    territories = Locale.parse(language.replace("-hans", "_Hans")).territories
    return {code: str(name) for code, name in territories.items() if len(code) == 2 and code.isalpha()}


@cache
def _codes_of_countries() -> dict[str, str]:
    """Codes by the names in all languages of documents; a code names itself."""
    names = {name.casefold(): code for language in Language.values for code, name in _countries(language).items()}
    return names | {code.casefold(): code for code in _countries(DEFAULT)}
