"""Forms of customers' wishes: a quotation with its lines, the question of a rush request."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm.models import Incoterm, Quotation, QuotationLine
from crm.offered import Offered, opened, seal_line
from crm.selectors.catalogue import Catalogue, named, typed
from crm.services import QuotationLineInput, QuotationTerms
from masterdata import shown
from masterdata.models import Currency, PaymentTerm, Plant
from masterdata.models.languages import Language
from masterdata.numbers import ZERO

HEAD = ("customer", "customer_reference", "valid_until")
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PickField(forms.CharField):
    """Found by typing: the browser proposes from a list on the page, the code or the name is enough."""

    def __init__(self, *, list_id: str, missing: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.missing = missing
        self.rows: dict[str, Any] = {}
        self.widget.attrs.update({"list": list_id, "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        row = typed(text, self.rows)
        if row is None:
            raise ValidationError(self.missing)
        return row


class PercentField(forms.DecimalField):
    """A discount; empty is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, min_value=ZERO, max_value=Decimal(100), decimal_places=4, **kwargs)
        self.widget.attrs.update({"inputmode": "decimal", "step": "any", "placeholder": "0"})


class WishForm(forms.Form):
    """What is wanted, how much, from which plant, by when, at which price: the part that planning can answer."""

    material = PickField(label=_("Product"), list_id="products", missing=_("Choose a product from the list."))
    plant = forms.TypedChoiceField(label=_("Plant"), required=False, coerce=int, empty_value=None)
    quantity = forms.DecimalField(label=_("Pieces"), max_digits=18, decimal_places=6)
    unit_price = forms.DecimalField(label=_("Price"), required=False, min_value=Decimal(0), decimal_places=6)
    wanted_on = forms.DateField(label=_("Wanted"), widget=DATE)

    def __init__(self, *args: Any, catalogue: Catalogue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalogue = catalogue
        for name in ("quantity", "unit_price"):
            self.fields[name].widget.attrs.update({"inputmode": "decimal", "step": "any"})
        self.fields["material"].rows = catalogue.products  # type: ignore[attr-defined]
        plants = [(plant.pk, plant.name) for plant in catalogue.plants]
        self.fields["plant"].choices = [("", _("its plant")), *plants]  # type: ignore[attr-defined]
        self.fields["unit_price"].widget.attrs["placeholder"] = _("list")

    def clean_quantity(self) -> Decimal:
        quantity: Decimal = self.cleaned_data["quantity"]
        if quantity <= 0:
            raise ValidationError(_("Enter a quantity above zero."))
        return quantity

    def clean(self) -> dict[str, Any]:
        """Without a plant the one that makes it."""
        given = super().clean() or self.cleaned_data
        if given.get("material") is not None:
            by_id: dict[int, Plant] = {plant.pk: plant for plant in self.catalogue.plants}
            wish = given.get("plant")
            given["plant"] = by_id.get(wish) if wish else self.catalogue.plant_for(given["material"])
            if given["plant"] is None:
                self.add_error("plant", _t("Choose a plant from the list."))
        return given


class LineForm(WishForm):
    """A line of a quotation; `offer`: what the page showed, sealed; `live`: what planning says of it, as HTML."""

    offer = forms.CharField(required=False, widget=forms.HiddenInput)
    discount_percent = PercentField(label=_("Discount %"))
    is_option = forms.BooleanField(label=_("Option, not in the total"), required=False)
    note = forms.CharField(label=_("Note under the line"), max_length=500, required=False)
    note.widget.attrs["placeholder"] = _("Note under the line")

    def __init__(self, *args: Any, key: str, **kwargs: Any) -> None:
        super().__init__(*args, prefix=f"lines-{key}", use_required_attribute=False, **kwargs)
        self.key = key
        self.live: str = ""

    @property
    def is_blank(self) -> bool:
        """Nothing typed yet: skipped when saved."""
        return not any(self.data.get(self.add_prefix(name), "").strip() for name in ("material", "quantity"))

    def offered(self) -> Offered | None:
        """The sealed offer, if the line still asks what it answered."""
        given = self.cleaned_data
        found = opened(given.get("offer") or "")
        same = found is not None and found.answers(
            plant_id=given["plant"].pk,
            material_id=given["material"].pk,
            quantity=given["quantity"],
            wanted_on=given["wanted_on"],
        )
        return found if same else None

    def line(self) -> QuotationLineInput:
        given, offered = self.cleaned_data, self.offered()
        return QuotationLineInput(
            plant_id=given["plant"].pk,
            material_id=given["material"].pk,
            quantity=given["quantity"],
            wanted_on=given["wanted_on"],
            unit_price=given["unit_price"],
            discount_percent=given["discount_percent"] or ZERO,
            is_option=given["is_option"],
            note=given["note"],
            offered_at=offered.offered_at if offered else None,
            offered_cost=offered.cost if offered else None,
            offered_cause=offered.cause if offered else "",
            plan_no=offered.plan_no if offered else None,
        )


def _price(value: Decimal) -> str:
    """As one types it, cents whole: 1050.20."""
    text = shown.plain(value)
    return f"{text}0" if len(text.partition(".")[2]) == 1 else text


def line_as_typed(line: QuotationLine) -> dict[str, Any]:
    """A stored line as it is typed, with the offer that it was saved with while its date is ahead."""
    return {
        "offer": seal_line(line, now=timezone.now()),
        "material": named(line.material),
        "plant": line.plant_id,
        "quantity": shown.plain(line.quantity),
        "unit_price": _price(line.unit_price),
        "discount_percent": shown.plain(line.discount_percent) if line.discount_percent else "",
        "is_option": line.is_option,
        "note": line.note,
        "wanted_on": line.wanted_on,
    }


class QuotationForm(forms.Form):
    """Customer and terms; `lines` are forms of their own, found in what was sent by their keys."""

    customer = PickField(label=_("Customer"), list_id="customers", missing=_("Choose a customer from the list."))
    customer_reference = forms.CharField(label=_("Their number"), max_length=60, required=False)
    valid_until = forms.DateField(label=_("Valid until"), widget=DATE, required=False)
    currency = forms.ModelChoiceField(
        Currency.objects.all(), label=_("Currency"), required=False, empty_label=_("the customer's")
    )
    rate = forms.DecimalField(
        label=_("Rate"), required=False, min_value=Decimal("0.0000000001"), decimal_places=10,
        help_text=_("Ours for one of it; empty: of the day"),
    )  # fmt: skip
    discount_percent = PercentField(label=_("Discount on all, %"))
    payment_term = forms.ModelChoiceField(
        PaymentTerm.objects.all(), label=_("Payment"), required=False, empty_label=_("the customer's")
    )
    incoterm = forms.ChoiceField(
        label=_("Delivery terms"), required=False, choices=[("", _("the customer's")), *Incoterm.choices]
    )
    incoterm_place = forms.CharField(label=_("Place of delivery"), max_length=80, required=False)
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("the customer's")), *Language.choices]
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Printed under the lines"),
    )  # fmt: skip

    def __init__(
        self, *args: Any, catalogue: Catalogue, quotation: Quotation | None = None, blank: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.catalogue = catalogue
        self.fields["customer"].rows = catalogue.customers  # type: ignore[attr-defined]
        if quotation is not None:
            self.fields["customer"].disabled = self.fields["currency"].disabled = True
        self.fields["payment_term"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]
        self.fields["rate"].widget.attrs.update({"inputmode": "decimal", "step": "any"})
        self.lines = self._lines(quotation, blank)

    def _lines(self, quotation: Quotation | None, blank: Sequence[str]) -> list[LineForm]:
        if self.is_bound:
            return [LineForm(self.data, key=key, catalogue=self.catalogue) for key in keys_in(self.data)]
        if quotation is None:
            return [LineForm(key=key, catalogue=self.catalogue) for key in blank]
        stored = quotation.lines.select_related("material", "plant").order_by("line_no")
        return [
            LineForm(key=f"n{line.line_no}", catalogue=self.catalogue, initial=line_as_typed(line)) for line in stored
        ]

    @property
    def head(self) -> list[Any]:
        """Who, their number, until when: what every quotation says."""
        return [self[name] for name in HEAD]

    @property
    def more(self) -> list[Any]:
        return [self[name] for name in self.fields if name not in HEAD]

    @property
    def has_more(self) -> bool:
        """Whether something further is said, or wrong."""
        return any(field.value() or field.errors for field in self.more)

    def terms(self) -> QuotationTerms:
        given = self.cleaned_data
        return QuotationTerms(
            discount_percent=given["discount_percent"] or ZERO,
            incoterm=given["incoterm"],
            incoterm_place=given["incoterm_place"],
            payment_term_id=given["payment_term"].pk if given["payment_term"] else None,
            language=given["language"],
            note=given["note"],
        )

    @property
    def filled(self) -> list[LineForm]:
        return [line for line in self.lines if not line.is_blank]

    def is_valid(self) -> bool:
        """All of it, so that every fault is shown at once."""
        own = super().is_valid()
        lines = [line.is_valid() for line in self.filled]
        return own and all(lines)


def keys_in(data: Any) -> list[str]:
    """The keys of the lines in what was sent, in their order; anything but letters and digits is left out."""
    return [key for key in data.getlist("line") if key.isalnum()]


class RushDayForm(forms.Form):
    """By when all of a quotation, or an order, is wanted."""

    wanted_on = forms.DateField(
        label=_("Wanted by"), widget=forms.DateInput(attrs={"type": "date"}), help_text=_("The last day that would do.")
    )


class RushPolicyForm(forms.Form):
    """A company's rules for rush orders."""

    holds_min = forms.IntegerField(label=_("An answer may be taken for so many minutes"), min_value=1, max_value=1440)
    expires_days = forms.IntegerField(label=_("Nobody waits any more after so many days"), min_value=1, max_value=365)
    asks_when_hurt = forms.BooleanField(label=_("An option that makes others later needs an approval"), required=False)
    cost_above = forms.DecimalField(
        label=_("An option with more extra cost than this needs an approval"),
        min_value=0, max_digits=18, decimal_places=2, required=False, help_text=_("Empty: whatever it costs."),
    )  # fmt: skip
    delivery_cost = forms.DecimalField(
        label=_("One delivery more costs"),
        min_value=0, max_digits=18, decimal_places=2, required=False, help_text=_("Counted when a part is sent first."),
    )  # fmt: skip

    def clean_delivery_cost(self) -> Decimal:
        """Empty is nothing."""
        given: Decimal | None = self.cleaned_data["delivery_cost"]
        return Decimal(0) if given is None else given


class RushForm(WishForm):
    """Who wants what by when: a sentence whose words are the fields."""

    customer = PickField(label=_("Customer"), list_id="customers", missing=_("Choose a customer from the list."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].rows = self.catalogue.customers  # type: ignore[attr-defined]
