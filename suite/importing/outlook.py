"""What there would be after the import: the files' rows over the database's. The checks look here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from erp import selectors as erp_now
from masterdata.models import Company, Location, Material, Partner, Unit, UnitConversion, WorkCentre
from suite.importing.contract import rounding_of
from suite.importing.staging import Staged


@dataclass(frozen=True)
class Item:
    """What the checks need of a material; None is what the file says and nobody can read."""

    pk: int | None
    unit: str | None
    supply: str | None
    sellable: bool | None
    cost: Decimal | None


@dataclass
class Outlook:
    """`codes` by file, `before` the materials of the database, `items` all materials as they would be."""

    staged: Staged
    codes: dict[str, set[str]]
    before: dict[str, Item]
    items: dict[str, Item]
    conversions: dict[tuple[str, str], Decimal | None]
    steps: dict[str, Decimal]

    def misses(self, file: str, code: str) -> bool:
        """Whether neither the file nor the database has the code, as far as the file could be read."""
        return code not in self.codes[file] and file not in self.staged.lost and code not in self.staged.torn[file]

    def unit_of(self, code: str) -> str | None:
        """The material's base unit; None when there is none or nobody can tell."""
        item = self.items.get(code)
        return item.unit if item else None

    def converts(self, code: str, unit: str) -> bool:
        """Whether quantities of the material may stand in the unit, as far as the files could be read."""
        own = self.unit_of(code)
        if own is None or own == unit or self.misses("units", own) or self.misses("units", unit):
            return True
        if (code, unit) in self.conversions:
            return True
        return "unit_conversions" in self.staged.lost or {code, unit} <= self.staged.torn["unit_conversions"]

    def factor(self, code: str, unit: str) -> Decimal | None:
        """Base units of the material in one unit; None when nobody can tell."""
        return Decimal(1) if self.unit_of(code) == unit else self.conversions.get((code, unit))


def outlook(staged: Staged, plant_code: str) -> Outlook:
    """Read the database once for all checks."""
    names = ("code", "pk", "unit__code", "supply", "is_sellable", "standard_cost")
    before = {code: Item(*values) for code, *values in Material.objects.values_list(*names)}
    return Outlook(
        staged=staged,
        codes=_codes(staged, plant_code),
        before=before,
        items={**before, **_items(staged, before)},
        conversions=_conversions(staged),
        steps=dict(Unit.objects.values_list("code", "rounding"))
        | {row["code"]: rounding_of(row["code"]) for row in staged.reading("units", "code")},
    )


def _codes(staged: Staged, plant_code: str) -> dict[str, set[str]]:
    here = {
        "units": Unit.objects.all(),
        "materials": Material.objects.all(),
        "work_centres": WorkCentre.objects.filter(plant__code=plant_code),
        "locations": Location.objects.filter(plant__code=plant_code),
        "suppliers": Partner.objects.filter(is_supplier=True),
        "customers": Partner.objects.filter(is_customer=True),
    }
    company = Company.objects.filter(plants__code=plant_code).first()
    known = {file: set(rows.values_list("code", flat=True)) for file, rows in here.items()}
    known["accounts"] = {account.code for account in erp_now.accounts_of(company)}
    return {file: codes | {row["code"] for row in staged.reading(file, "code")} for file, codes in known.items()}


def _items(staged: Staged, before: dict[str, Item]) -> dict[str, Item]:
    """The file's materials; of a code that stands there twice the first row."""
    items: dict[str, Item] = {}
    for row in staged.reading("materials", "code"):
        code = row["code"]
        known = before.get(code)
        values = (row.get(column) for column in ("unit", "supply", "sellable", "standard_cost"))
        items.setdefault(code, Item(known.pk if known else None, *values))
    return items


def _conversions(staged: Staged) -> dict[tuple[str, str], Decimal | None]:
    rows = UnitConversion.objects.filter(material__isnull=False)
    present = rows.values_list("material__code", "unit__code", "base_units_per_unit")
    conversions: dict[tuple[str, str], Decimal | None] = {(code, unit): factor for code, unit, factor in present}
    for row in staged.reading("unit_conversions", "material_code", "unit"):
        conversions[row["material_code"], row["unit"]] = row.get("base_units_per_unit")
    return conversions
