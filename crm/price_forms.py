"""Forms of price lists: the list, its rules in a table or a file, and the question what something costs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm.forms import PickField
from crm.models import CustomerGroup, Incoterm, PriceRule
from crm.selectors.catalogue import Catalogue, named
from crm.services import PriceRuleInput
from masterdata import shown
from masterdata.models import Company, Currency, MaterialCategory
from masterdata.numbers import ZERO

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
COLUMNS = ("product", "category", "from_quantity", "kind", "figure", "valid_from", "valid_to")
MOST_ROWS, MOST_BYTES = 5_000, 2 * 1024 * 1024
SPARE = 4  # blank rows under the table


class PriceListForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    company = forms.ModelChoiceField(Company.objects.none(), label=_("Company"))
    currency = forms.ModelChoiceField(Currency.objects.all(), label=_("Currency"))
    customer = PickField(
        label=_("For one customer"), required=False, list_id="customers", missing=_("Choose a customer from the list.")
    )
    group = forms.ModelChoiceField(
        CustomerGroup.objects.all(), label=_("For a group"), required=False, empty_label=_("everybody")
    )
    valid_from = forms.DateField(label=_("Valid from"), widget=DATE)
    valid_to = forms.DateField(label=_("Last day"), widget=DATE, required=False)
    priority = forms.IntegerField(
        label=_("Priority"), min_value=0, max_value=9999, initial=0, required=False,
        help_text=_("Of two lists for the same customers the higher one is asked first"),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("In force"), required=False, initial=True)

    def __init__(self, *args: Any, catalogue: Catalogue, companies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].rows = catalogue.customers  # type: ignore[attr-defined]
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]

    def clean_priority(self) -> int:
        return self.cleaned_data["priority"] or 0


class RuleForm(forms.Form):
    """One price, as a row of a table or of a file."""

    product = PickField(label=_("Product"), required=False, list_id="products", missing=_("No product of this code."))
    category = forms.ModelChoiceField(
        MaterialCategory.objects.all(), label=_("Category"), required=False, to_field_name="code", empty_label="",
        error_messages={"invalid_choice": _("No category of this code.")},
    )  # fmt: skip
    from_quantity = forms.DecimalField(label=_("From"), required=False, min_value=ZERO, max_digits=18, decimal_places=6)
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("fixed", _("fixed price")), ("percent", _("% off list")), ("surcharge", _("on list"))],
    )
    figure = forms.DecimalField(label=_("Price or %"), min_value=ZERO, max_digits=20, decimal_places=6)
    valid_from = forms.DateField(label=_("From day"), required=False, widget=DATE)
    valid_to = forms.DateField(label=_("To day"), required=False, widget=DATE)

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **{"use_required_attribute": False, **kwargs})
        self.fields["product"].rows = catalogue.products  # type: ignore[attr-defined]

    @property
    def is_blank(self) -> bool:
        return not any(self.data.get(self.add_prefix(name), "").strip() for name in ("product", "category", "figure"))

    def rule(self) -> PriceRuleInput:
        given = self.cleaned_data
        kind = given["kind"] or "fixed"
        column = {"fixed": "fixed_price", "percent": "percent_off", "surcharge": "surcharge"}[kind]
        return PriceRuleInput(
            material_id=given["product"].pk if given["product"] else None,
            category_id=given["category"].pk if given["category"] else None,
            from_quantity=given["from_quantity"] or ZERO,
            valid_from=given["valid_from"],
            valid_to=given["valid_to"],
            **{column: given["figure"]},
        )


def rule_as_typed(rule: PriceRule) -> dict[str, Any]:
    """A stored rule as it is typed."""
    kinds = (("fixed", rule.fixed_price), ("percent", rule.percent_off), ("surcharge", rule.surcharge))
    kind, figure = next((name, value) for name, value in kinds if value is not None)
    return {
        "product": named(rule.material) if rule.material else "",
        "category": rule.category.code if rule.category else "",
        "from_quantity": shown.plain(rule.from_quantity) if rule.from_quantity else "",
        "kind": kind,
        "figure": shown.plain(figure),
        "valid_from": rule.valid_from,
        "valid_to": rule.valid_to,
    }


class RulesForm(forms.Form):
    """All rules of a list in a table; a row that is emptied goes."""

    def __init__(self, *args: Any, catalogue: Catalogue, rules: Sequence[PriceRule] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            count = min(int(self.data.get("rows") or 0), MOST_ROWS)
            self.rows = [RuleForm(self.data, prefix=f"rules-{n}", catalogue=catalogue) for n in range(count)]
        else:
            typed: list[Any] = [rule_as_typed(rule) for rule in rules] + [None] * SPARE
            self.rows = [RuleForm(prefix=f"rules-{n}", catalogue=catalogue, initial=one) for n, one in enumerate(typed)]

    @property
    def filled(self) -> list[RuleForm]:
        return [row for row in self.rows if not row.is_blank]

    def is_valid(self) -> bool:
        own = super().is_valid()
        lines = [row.is_valid() for row in self.filled]
        return own and all(lines)

    def rules(self) -> list[PriceRuleInput]:
        return [row.rule() for row in self.filled]


class ImportForm(forms.Form):
    """A CSV file with the rules of the list: whole or nothing, with what is wrong row by row."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Columns: product, category, from_quantity, kind (fixed, percent, surcharge), figure, "
                    "valid_from, valid_to. It replaces the rules that are there."),
    )  # fmt: skip

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalogue = catalogue
        self.found: list[RuleForm] = []

    def clean_file(self) -> Any:
        """The rows read and checked; every fault with its row."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(_t("The file is larger than 2 MB: split the list."))
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as wrong:
            raise ValidationError(_t("Save the file as CSV in UTF-8.")) from wrong
        faults = []
        for number, row in enumerate(_rows_of(text), start=2):
            form = RuleForm({name: (row.get(name) or "").strip() for name in COLUMNS}, catalogue=self.catalogue)
            self.found.append(form)
            faults += _faults(number, form)
        if faults:
            raise ValidationError(faults[:50])
        return file

    def rules(self) -> list[PriceRuleInput]:
        return [form.rule() for form in self.found]


def _rows_of(text: str) -> list[dict[str, Any]]:
    """The rows under the heads, separated by commas or semicolons. Raises ValidationError."""
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    heads = [(name or "").strip().lower() for name in reader.fieldnames or []]
    if "figure" not in heads or set(heads) - set(COLUMNS):
        raise ValidationError(_t("The first row names the columns: %(names)s.") % {"names": ", ".join(COLUMNS)})
    reader.fieldnames = heads
    rows = [row for _number, row in zip(range(MOST_ROWS + 1), reader, strict=False)]
    if len(rows) > MOST_ROWS:
        raise ValidationError(_t("At most %(most)d rows: split the list.") % {"most": MOST_ROWS})
    return rows


def _faults(number: int, form: RuleForm) -> list[str]:
    """What is wrong with a row of the file."""
    return [
        _t("Row %(row)d, %(column)s: %(fault)s") % {"row": number, "column": name, "fault": fault}
        for name, errors in form.errors.items()
        for fault in errors
    ]


class CheckForm(forms.Form):
    """What does it cost whom, how many, when, in which currency?"""

    customer = PickField(label=_("Customer"), list_id="customers", missing=_("Choose a customer from the list."))
    product = PickField(label=_("Product"), list_id="products", missing=_("Choose a product from the list."))
    quantity = forms.DecimalField(label=_("Pieces"), min_value=ZERO, max_digits=18, decimal_places=6)
    on = forms.DateField(label=_("On"), widget=DATE)
    currency = forms.ModelChoiceField(
        Currency.objects.all(), label=_("Currency"), required=False, empty_label=_("the customer's")
    )

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **{"use_required_attribute": False, **kwargs})
        self.fields["customer"].rows = catalogue.customers  # type: ignore[attr-defined]
        self.fields["product"].rows = catalogue.products  # type: ignore[attr-defined]


class GroupForm(forms.Form):
    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80)


class TermsForm(forms.Form):
    group = forms.ModelChoiceField(
        CustomerGroup.objects.all(), label=_("Customer group"), required=False, empty_label=_("none")
    )
    incoterm = forms.ChoiceField(
        label=_("Delivery terms"), required=False, choices=[("", _("not said")), *Incoterm.choices]
    )
    incoterm_place = forms.CharField(label=_("Place of delivery"), max_length=80, required=False)
