"""What is done with cases: opened, answered, given to somebody, closed, opened again."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors, services
from crm.models import Case
from crm.pipeline_forms import AnswerForm, AssignForm, CaseForm, CloseCaseForm
from crm.views.cases import HANDLE
from crm.views.picking import SalesForm
from erp.models import SalesOrder
from masterdata.access import person
from masterdata.pages import CreatePage, DeedView, EditPage, sent_version
from masterdata.pages.details import OneRow
from masterdata.rights import visible_to


class CreateCase(SalesForm, CreatePage):
    """A case of a customer, or with `?order=` of an order and perhaps a line of it."""

    permission, form_class = HANDLE, CaseForm
    title, submit_label, done_message = _("New case"), _("Open case"), _("Opened.")

    @cached_property
    def order(self) -> SalesOrder | None:
        wish = self.request.GET.get("order", "")
        if not wish:
            return None
        orders = visible_to(self.request.user, SalesOrder.objects.select_related("customer"))
        return get_object_or_404(orders, pk=int(wish) if wish.isdecimal() and len(wish) < 10 else 0)

    @property
    def picks_customer(self) -> bool:  # type: ignore[override]
        return self.order is None

    def get_title(self) -> Any:
        if self.order is None:
            return self.title
        names = {"order": self.order.number, "customer": self.order.customer.name}
        return _t("New case about %(order)s, %(customer)s") % names

    def get_back(self) -> tuple[Any, str]:
        if self.order is not None:
            return self.order.number, reverse("erp:order", args=[self.order.pk])
        return _t("Cases"), reverse("crm:cases")

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.dict()
        if (line := asked.pop("line", "")) and self.order is not None:
            asked["order_line"] = line
        if self.picks_customer and (customer := asked.get("customer", "")):
            found = {str(row.pk): row.code for row in self.catalogue.customers.values()}
            asked["customer"] = found.get(customer, customer)
        return asked

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        return kwargs | {"catalogue": kwargs.get("catalogue"), "order": self.order}

    def perform(self, form: Any) -> str:
        given, line = form.cleaned_data, form.cleaned_data.get("order_line")
        case = services.open_case(
            subject=given["subject"],
            topic=given["topic"],
            urgency=given["urgency"],
            body=given["body"],
            owner_id=given["owner"].pk if given["owner"] else None,
            customer_id=self.order.customer_id if self.order else given["customer"].pk,
            company_id=given["company"].pk,
            order_id=self.order.pk if self.order else None,
            order_line_id=line.pk if line else None,
            now=timezone.now(),
            by=self.me,
        )
        return reverse("crm:case", args=[case.pk])


class OneCase(OneRow):
    """What is done with one case."""

    permission = HANDLE

    def get_rows(self) -> QuerySet[Case]:
        return selectors.visible_cases(self.request.user)

    def page(self) -> str:
        return reverse("crm:case", args=[self.get_object().pk])

    def signed(self) -> dict[str, Any]:
        """Which case, as the person saw it; who does it, and when."""
        return {
            "case_id": self.get_object().pk,
            "expected_version": sent_version(self.request),
            "by": person(self.request),
            "now": timezone.now(),
        }


class OfCase(OneCase, EditPage):
    """Pages about one case."""

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, self.page()

    def get_title(self) -> Any:
        return f"{self.get_object().number} {self.get_object().subject}"


class AnswerCase(OfCase):
    form_class, submit_label, done_message = AnswerForm, _("Answer"), _("Answered.")

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        address = selectors.address_of_case(row)
        return {"to": address, "kind": "mail" if address else "call"}

    def perform(self, form: Any) -> str:
        services.answer_case(**self.signed(), **form.cleaned_data)
        return self.page()


class AssignCase(OfCase):
    form_class, submit_label, done_message = AssignForm, _("Give"), _("Given.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"company": self.get_object().company, "deed": HANDLE}

    def perform(self, form: Any) -> str:
        row, owner = self.get_object(), form.cleaned_data["owner"]
        services.assign_case(
            case_id=row.pk, owner_id=owner.pk if owner else None, expected_version=sent_version(self.request)
        )
        return self.page()


class CloseCase(OfCase):
    form_class, submit_label, done_message = CloseCaseForm, _("Close"), _("Closed.")

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        services.close_case(**self.signed(), **form.cleaned_data)
        return self.page()


class TakeCase(OneCase, DeedView):
    done_message = _("It is yours.")

    def perform(self, row: Any) -> str:
        services.assign_case(case_id=row.pk, owner_id=self.request.user.pk, expected_version=sent_version(self.request))
        return self.page()


class ReopenCase(OneCase, DeedView):
    done_message = _("Open again.")

    def perform(self, row: Any) -> str:
        services.reopen_case(**self.signed())
        return self.page()
