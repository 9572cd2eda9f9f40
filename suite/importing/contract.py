"""The import contract: which files and columns there are, and what may stand in each."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

MOST = 999_999_999_999  # twelve digits before the point: what a quantity column holds


@dataclass(frozen=True)
class Column:
    """`kind` is text, code, number, whole, yes_no or date. `refers` names the file whose key the value must be.

    Numbers: `least` is the smallest allowed (`above` excludes it), `most` the largest,
    `decimals` how many digits may stand behind the point.
    """

    name: str
    kind: str = "text"
    required: bool = True
    length: int = 160
    least: Decimal | None = Decimal(0)
    above: bool = False
    most: Decimal = Decimal(MOST)
    decimals: int = 6
    choices: tuple[str, ...] = ()
    refers: str = ""

    @property
    def expectation(self) -> str:
        """What was expected, for a person who mends the file."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.kind == "yes_no":
            return "yes or no"
        if self.kind == "date":
            return "a date such as 2026-01-31"
        if self.kind in ("number", "whole"):
            what = "a whole number" if self.kind == "whole" else f"a number with up to {self.decimals} decimals"
            bound = f"{'above' if self.above else 'of at least'} {self.least}" if self.least is not None else ""
            return f"{what} {bound} and at most {self.most:f}".replace("  ", " ")
        return f"text of 1 to {self.length} characters" if self.required else f"text of up to {self.length} characters"


@dataclass(frozen=True)
class File:
    """One CSV file; `key` columns identify a row and may not stand twice."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def file_name(self) -> str:
        return f"{self.name}.csv"


def _code(name: str, refers: str = "", length: int = 40) -> Column:
    return Column(name, "code", length=length, refers=refers)


def _number(name: str, *, most: int = MOST, above: bool = False, decimals: int = 6, required: bool = True) -> Column:
    return Column(name, "number", above=above, most=Decimal(most), decimals=decimals, required=required)


def _whole(name: str, *, least: int = 0, most: int = 2_000_000_000) -> Column:
    return Column(name, "whole", least=Decimal(least), most=Decimal(most))


def _day(name: str) -> Column:
    return Column(name, "date", required=False)


def _percent(name: str, *, required: bool = True) -> Column:
    return Column(name, "number", most=Decimal("99.999"), decimals=3, required=required)


def _plant(name: str) -> Column:
    """A plant that exists, or the one that takes everything; empty: none, or every one."""
    return Column(name, "code", required=False, length=40)


ACCOUNT_KINDS = ("asset", "liability", "equity", "income", "expense")
ACCOUNT_ROLES = (
    "accrued_cost", "bad_debt", "bank", "bank_fee", "cogs", "currency_gain", "currency_valuation", "deposit",
    "discount_granted", "discount_taken", "dunning_fee", "freight", "grni", "input_tax", "installation",
    "inventory", "labour_absorbed", "labour_efficiency", "landed_cost", "machine_absorbed", "machine_efficiency",
    "opening", "overhead_absorbed", "overhead_variance", "owed_issue", "payable", "penalty", "price_variance",
    "production_variance", "rate_variance", "receivable", "retained", "revaluation", "revenue", "rounding",
    "stock_difference", "tax_payable", "transit", "usage_variance", "wip", "yield_variance",
)  # fmt: skip
"""What postings look an account up by, as in `erp.CHART`; written out, so that files are read without the models."""

FILES: tuple[File, ...] = (
    File(
        "accounts",
        ("code",),
        (
            _code("code", length=20),
            Column("name", length=120),
            Column("kind", choices=ACCOUNT_KINDS),
            Column("role", required=False, length=24, choices=ACCOUNT_ROLES),
            Column("active", "yes_no"),
        ),
    ),
    File(
        "opening_balances",
        ("account_code",),
        (
            _code("account_code", "accounts", 20),
            Column("amount", "number", least=None, most=Decimal(10**15), decimals=4),
            Column("on", "date"),
        ),
    ),
    File("units", ("code",), (_code("code", length=12), Column("name", length=60))),
    File(
        "materials",
        ("code",),
        (
            _code("code"),
            Column("name"),
            Column("category", length=40),
            _code("unit", "units", 12),
            Column("supply", choices=("make", "buy")),
            _number("standard_cost"),
            _number("list_price"),
            Column("colour", required=False, length=40),
            _number("weight_kg", most=99_999_999, required=False),
            _number("safety_stock"),
            _number("reorder_point"),
            _whole("make_lead_time_days", most=3650),
            Column("sellable", "yes_no"),
        ),
    ),
    File(
        "planning_parameters",
        ("material_code",),
        (
            _code("material_code", "materials"),
            Column("policy", choices=("to_order", "to_stock")),
            Column("lot_rule", choices=("lot_for_lot", "multiple", "minimum", "period")),
            _number("lot_quantity"),
            _whole("period_days", most=3650),
            _number("max_lot", above=True, required=False),
            _number("safety_stock"),
            _number("reorder_point"),
            _whole("make_lead_time_days", most=3650),
            _whole("safety_time_days", most=3650),
            _percent("scrap_percent"),
            _whole("planning_fence_days", most=3650),
            _plant("source_plant"),
        ),
    ),
    File(
        "unit_conversions",
        ("material_code", "unit"),
        (
            _code("material_code", "materials"),
            _code("unit", "units", 12),
            _number("base_units_per_unit", above=True),
        ),
    ),
    File(
        "boms",
        ("parent_code", "component_code"),
        (
            _code("parent_code", "materials"),
            _code("component_code", "materials"),
            _number("quantity", above=True),
            _code("unit", "units", 12),
        ),
    ),
    File(
        "bom_substitutes",
        ("parent_code", "component_code", "substitute_code", "plant"),
        (
            _code("parent_code", "materials"),
            _code("component_code", "materials"),
            _code("substitute_code", "materials"),
            _plant("plant"),
            _number("ratio", above=True),
            _whole("priority", least=1, most=1000),
            _day("valid_from"),
            _day("valid_until"),
            Column("by_itself", "yes_no"),
        ),
    ),
    File(
        "bom_byproducts",
        ("parent_code", "byproduct_code"),
        (
            _code("parent_code", "materials"),
            _code("byproduct_code", "materials"),
            _number("quantity", above=True),
            _code("unit", "units", 12),
            _percent("cost_share_percent", required=False),
        ),
    ),
    File(
        "work_centres",
        ("code",),
        (
            _code("code", length=36),
            Column("name", length=116),
            _whole("machines", least=1, most=500),
            _number("cost_per_hour"),
            Column("weekly_hours_per_machine", "number", above=True, most=Decimal(168), decimals=2),
        ),
    ),
    File(
        "routings",
        ("material_code", "sequence"),
        (
            _code("material_code", "materials"),
            _whole("sequence", least=1, most=100_000),
            Column("operation", length=80),
            _code("work_centre", "work_centres"),
            _number("setup_minutes", most=9_999_999, decimals=3),
            _number("run_minutes_per_unit", most=999_999),
        ),
    ),
    File("locations", ("code",), (_code("code"), Column("name", length=120))),
    File(
        "stock",
        ("material_code", "location", "bin"),
        (
            _code("material_code", "materials"),
            _code("location", "locations"),
            Column("bin", required=False, length=19),
            _number("quantity"),
        ),
    ),
    File(
        "suppliers",
        ("code",),
        (
            _code("code"),
            Column("name"),
            _whole("credit_rating", most=9),
            Column("preferred", "yes_no"),
            Column("active", "yes_no"),
        ),
    ),
    File(
        "supplier_prices",
        ("supplier_code", "material_code"),
        (
            _code("supplier_code", "suppliers"),
            _code("material_code", "materials"),
            _number("price"),
            _code("unit", "units", 12),
            _whole("lead_time_days", most=3650),
            _number("min_quantity"),
            _number("max_quantity"),
        ),
    ),
    File(
        "supplier_price_tiers",
        ("supplier_code", "material_code", "from_quantity", "valid_from"),
        (
            _code("supplier_code", "suppliers"),
            _code("material_code", "materials"),
            _number("from_quantity"),
            _day("valid_from"),
            _day("valid_until"),
            _number("price"),
            _code("unit", "units", 12),
            _whole("lead_time_days", most=3650),
            _number("min_quantity"),
            _number("max_quantity"),
            _number("pack_quantity", above=True),
            Column("supplier_article", required=False, length=60),
            Column("subcontract", "yes_no"),
        ),
    ),
    File("customers", ("code",), (_code("code"), Column("name"), Column("kind", choices=("company", "person")))),
    File(
        "sales_orders",
        ("order_number", "line"),
        (
            _code("order_number"),
            _code("customer_code", "customers"),
            Column("ordered_on", "date"),
            Column("due_on", "date"),
            _whole("line", least=1, most=100_000),
            _code("material_code", "materials"),
            _number("quantity", above=True),
            _number("unit_price"),
        ),
    ),
)
BY_NAME = {file.name: file for file in FILES}

# Units that measure instead of counting: their quantities are divisible.
MEASURES = {"IN", "FT", "M", "MM", "CM", "M2", "M3", "OZ", "LB", "G", "KG", "GAL", "L", "ML", "H", "MIN"}


def rounding_of(unit: str) -> Decimal:
    """The step of a unit: a thousandth for those that measure, one for those that count."""
    return Decimal("0.001") if unit.upper() in MEASURES else Decimal(1)
