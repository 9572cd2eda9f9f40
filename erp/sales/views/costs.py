"""What an order costs beside production: booked on its page, and undone there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.cost import services
from erp.cost.models import CostBooking, Element
from erp.cost.models.bookings import BOOKABLE
from erp.sales.models import SalesOrder
from masterdata.access import visible_to
from masterdata.models import Partner, Plant
from masterdata.pages import EditPage

BOOK = "erp.book_order_cost"


class CostForm(forms.Form):
    """An amount of an element, and whose invoice for it is to come."""

    element = forms.ChoiceField(label=_l("What for"), choices=[(str(one), Element(one).label) for one in BOOKABLE])
    amount = forms.DecimalField(
        label=_l("Amount"), max_digits=18, decimal_places=2, widget=forms.NumberInput({"step": "any"}),
        help_text=_l("In the company's currency; below zero gives back"),
    )  # fmt: skip
    plant = forms.ModelChoiceField(Plant.objects.none(), label=_l("Plant"))
    text = forms.CharField(label=_l("What it was"), max_length=200)
    partner = forms.ModelChoiceField(
        Partner.objects.filter(is_active=True, is_supplier=True).order_by("name"),
        label=_l("Whose invoice will come"), required=False, empty_label=_l("Nobody's"),
    )  # fmt: skip

    def __init__(self, *args: Any, plants: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["plant"]
        chosen.queryset = plants


class BookCost(EditPage):
    """Freight, installation, a penalty, outside work."""

    permission, form_class, version_field = BOOK, CostForm, ""
    submit_label, done_message = _l("Book"), _l("Booked on the order.")

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_to(self.request.user, SalesOrder.objects.filter(cancelled_at=None), BOOK)

    def plants(self) -> QuerySet[Plant]:
        order = self.get_object()
        return visible_to(self.request.user, Plant.objects.filter(company=order.company_id).order_by("code"), BOOK)

    def get_title(self) -> Any:
        return _("Cost of %(number)s") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, _money(self.get_object().pk)

    def get_initial(self) -> dict[str, Any]:
        return {"plant": self.get_object().lines.order_by("line_no").values_list("plant", flat=True).first()}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"plants": self.plants()}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        services.book_order_cost(
            order_id=self.get_object().pk,
            element=given["element"],
            amount=given["amount"],
            plant_id=given["plant"].pk,
            text=given["text"],
            partner=given["partner"],
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
        )
        return _money(self.get_object().pk)


class UndoForm(forms.Form):
    text = forms.CharField(label=_l("Why"), max_length=200)


class UndoCost(EditPage):
    """A booking that should not be."""

    permission, form_class, version_field = BOOK, UndoForm, ""
    submit_label, done_message = _l("Undo"), _l("Undone.")

    def get_rows(self) -> QuerySet[CostBooking]:
        return visible_to(self.request.user, CostBooking.objects.select_related("sales_order"), BOOK)

    def get_title(self) -> Any:
        row = self.get_object()
        return _("Undo %(what)s: %(text)s") % {"what": row.get_element_display().lower(), "text": row.text}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().sales_order.number, _money(self.get_object().sales_order_id)

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.reverse_order_cost(
            booking_id=row.pk,
            text=form.cleaned_data["text"],
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
        )
        return _money(row.sales_order_id)


def _money(order_id: int) -> str:
    return reverse("erp:order", args=[order_id]) + "?tab=money"
