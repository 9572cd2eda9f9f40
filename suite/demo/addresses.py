"""Where the demo's company, plants and suppliers are, for their papers, and which language customers read."""

from __future__ import annotations

from collections.abc import Iterable

from masterdata.models import Address, Partner

PLANTS = {
    "DG": "18 Songshan Lake Road\n523808 Dongguan\nCN",
    "PZ": "ul. Meblowa 7\n61-003 Poznań\nPL",
}
COMPANY = {
    "address": "ul. Meblowa 7\n61-003 Poznań\nPoland",
    "email": "office@fjordhome.example",
    "phone": "+48 61 555 01 00",
    "tax_no": "PL7770000007",
    "register_no": "KRS 0000777007, Sąd Rejonowy Poznań",
}
LANGUAGES = {"DE": "de", "AT": "de", "FR": "fr", "ES": "es"}
"""Customers elsewhere are written to in English."""
SUPPLIERS = [
    ("Sägewerkstraße", "6380", "St. Johann in Tirol", "AT"),
    ("Kantstraße", "95111", "Rehau", "DE"),
    ("Industriestraße", "6973", "Höchst", "AT"),
    ("Adolf-Häfele-Straße", "72202", "Nagold", "DE"),
    ("Max-Becker-Straße", "76356", "Weingarten", "DE"),
    ("ul. Portowa", "81-350", "Gdynia", "PL"),
    ("Via Bolzano", "39011", "Lana", "IT"),
    ("Ruhrallee", "45138", "Essen", "DE"),
    ("ul. Piotrkowska", "90-001", "Łódź", "PL"),
    ("Papierweg", "36251", "Bad Hersfeld", "DE"),
    ("Glashüttenstraße", "93449", "Waldmünchen", "DE"),
]


def give_suppliers(codes: Iterable[str]) -> None:
    """One address each, in the sequence of the codes."""
    known = Partner.objects.in_bulk(list(codes), field_name="code")
    Address.objects.bulk_create(
        Address(
            partner=known[code], kind=Address.Kind.BILLING, line1=f"{street} {number}", postal_code=postal, city=city,
            country=country,
        )
        for number, (code, (street, postal, city, country)) in enumerate(zip(codes, SUPPLIERS, strict=True), 5)
    )  # fmt: skip
