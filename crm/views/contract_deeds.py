"""What is done with contracts: written, released, amended, called off, planned, renewed, ended."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import services
from crm.contract_forms import CallOffForm, ContractForm, EndForm, RenewForm, ScheduleForm
from crm.letters import contract_pdf
from crm.models import Contract, ContractLine, PlannedCallOff
from crm.selectors.catalogue import Catalogue, named
from crm.selectors.contracts import Use, uses_of, visible_contracts
from crm.views.contracts import CALL, RELEASE, WRITE
from crm.views.editor import catalogue_of
from masterdata.access import visible_to
from masterdata.documents.printing import Pdf
from masterdata.models import User
from masterdata.pages import DeedView, EditPage, FormPage, sent_version
from masterdata.pages.details import OneRow
from masterdata.pages.pdf import PdfPage


class ContractRows(OneRow):
    """Pages about one contract."""

    def get_rows(self) -> QuerySet[Contract]:
        return visible_contracts(self.request.user)

    def get_back(self, *_args: Any) -> tuple[Any, str]:
        return str(self.get_object()), reverse("crm:contract", args=[self.get_object().pk])

    def page(self) -> str:
        return reverse("crm:contract", args=[self.get_object().pk])

    @cached_property
    def uses(self) -> list[Use]:
        return uses_of([self.get_object()]).get(self.get_object().pk, [])


class ContractEditor(FormPage):
    """A form with the contract's terms and lines."""

    form_class = ContractForm
    template_name = "crm/contract_form.html"
    submit_label = _("Save")

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue_of(self.request)

    @property
    def contract(self) -> Contract | None:
        return None

    @cached_property
    def existing(self) -> list[ContractLine]:
        if self.contract is None:
            return []
        rows = self.contract.lines.select_related("material", "plant").prefetch_related("prices")
        return list(rows.order_by("line_no"))

    def get_form_kwargs(self) -> dict[str, Any]:
        owners = visible_to(self.request.user, User.objects.filter(is_active=True)).order_by("first_name", "username")
        return {
            "catalogue": self.catalogue,
            "owners": owners,
            "existing": self.existing,
            "contract": self.contract,
            "asks_why": isinstance(self, Amend),
        }

    def get_context_data(self, form: Any) -> dict[str, Any]:
        return super().get_context_data(form) | {
            "products": [named(row) for row in self.catalogue.products.values()],
            "customers": [] if self.contract else [named(row) for row in self.catalogue.customers.values()],
        }


class Create(ContractEditor):
    permission, title = WRITE, _("New contract")
    done_message = _("Written as a draft. Release it, and it can be called off.")

    def get_back(self) -> tuple[Any, str]:
        return _t("Contracts"), reverse("crm:contracts")

    def perform(self, form: Any) -> str:
        contract = services.write_contract(
            customer_id=form.cleaned_data["customer"].pk,
            terms=services.ContractTerms(**form.terms()),
            lines=form.contract_lines(),
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
        )
        return reverse("crm:contract", args=[contract.pk])


class OfContract(ContractRows, ContractEditor, EditPage):
    """The editor of a contract that is there; a stale version is refused with both sides shown."""

    template_name = "crm/contract_form.html"

    @property
    def contract(self) -> Contract:
        row: Contract = self.get_object()
        return row

    def get_initial(self) -> dict[str, Any]:
        row = self.contract
        return services.contract_terms(row) | {"owner": row.owner_id, "customer": named(row.customer)}


class Edit(OfContract):
    permission, title, done_message = WRITE, _("Edit contract"), _("Saved.")

    def perform(self, form: Any) -> str:
        services.rewrite_contract(
            contract_id=self.contract.pk,
            terms=services.ContractTerms(**form.terms()),
            lines=form.contract_lines(),
            now=timezone.now(),
            expected_version=sent_version(self.request),
        )
        return self.page()


class Amend(OfContract):
    """A released contract: what was there stays in the amendment."""

    permission, title, done_message = RELEASE, _("Amend contract"), _("Amended: what was there stands in its log.")
    submit_label = _("Amend")

    def perform(self, form: Any) -> str:
        services.amend_contract(
            contract_id=self.contract.pk,
            reason=form.cleaned_data["reason"],
            terms=form.terms(),
            lines=form.contract_lines(numbered=True),
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
            expected_version=sent_version(self.request),
        )
        return self.page()


class OfLines(ContractRows, FormPage):
    """A form whose lines choose lines of the contract."""

    template_name = "crm/contract_form.html"
    permission = CALL

    def get_initial(self) -> dict[str, Any]:
        return {"reference": self.get_object().customer_reference}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"uses": self.uses}


class CallOffContract(OfLines):
    title, submit_label, form_class = _("Call off"), _("Call off"), CallOffForm
    done_message = _("Called off at the contract's prices.")

    def perform(self, form: Any) -> str:
        order = services.call_off(
            contract_id=self.get_object().pk,
            lines=form.call_off_lines(),
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
            confirm=form.cleaned_data["confirm"],
            reference=form.cleaned_data["reference"],
        )
        return reverse("erp:order", args=[order.pk])


class PlanCallOffs(OfLines):
    title, submit_label, form_class = _("Plan call-offs"), _("Plan"), ScheduleForm
    done_message = _("Planned: each becomes an order in time.")

    def perform(self, form: Any) -> str:
        services.plan_call_offs(
            contract_id=self.get_object().pk,
            lines=form.planned_lines(),
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
        )
        return f"{self.page()}?tab=planned"


class Renew(ContractRows, FormPage):
    permission, title, form_class, submit_label = RELEASE, _("Renew contract"), RenewForm, _("Renew")
    done_message = _("This is the follow-up contract.")

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        return {"months": row.renewal_months, "percent": row.renewal_percent}

    def perform(self, form: Any) -> str:
        user: Any = self.request.user
        renewed = services.renew_contract(
            contract_id=self.get_object().pk, now=timezone.now(), by=user, **form.cleaned_data
        )
        return reverse("crm:contract", args=[renewed.pk])


class End(ContractRows, FormPage):
    permission, title, form_class, submit_label = RELEASE, _("End contract"), EndForm, _("End contract")
    deed: ClassVar[Any] = staticmethod(services.end_contract)

    def perform(self, form: Any) -> str:
        user: Any = self.request.user
        type(self).deed(
            contract_id=self.get_object().pk, reason=form.cleaned_data["reason"], now=timezone.now(), by=user
        )
        return self.page()


class Cancel(End):
    permission, title, submit_label = WRITE, _("Cancel draft"), _("Cancel draft")
    deed = staticmethod(services.cancel_contract)


class ContractDeed(ContractRows, DeedView):
    """A button on a contract's page."""


class Release(ContractDeed):
    permission, done_message = RELEASE, _("Released: it can be called off.")

    def perform(self, row: Any) -> str:
        user: Any = self.request.user
        services.release_contract(
            contract_id=row.pk,
            now=timezone.now(),
            by=user,
            expected_version=sent_version(self.request),
        )
        return self.page()


class GiveNotice(ContractDeed):
    permission, done_message = WRITE, _("Noted: it ends on its last day.")

    def perform(self, row: Any) -> str:
        user: Any = self.request.user
        services.give_notice(
            contract_id=row.pk,
            now=timezone.now(),
            by=user,
            expected_version=sent_version(self.request),
        )
        return self.page()


class PlannedDeed(DeedView):
    permission = CALL

    def get_rows(self) -> QuerySet[PlannedCallOff]:
        return visible_to(self.request.user, PlannedCallOff.objects.select_related("contract_line"))

    def page(self, row: Any) -> str:
        return f"{reverse('crm:contract', args=[row.contract_line.contract_id])}?tab=planned"


class DropPlanned(PlannedDeed):
    done_message = _("Dropped.")

    def perform(self, row: Any) -> str:
        services.drop_planned(planned_id=row.pk, now=timezone.now())
        return self.page(row)


class CallPlanned(PlannedDeed):
    done_message = _("Called off at the contract's prices.")

    def perform(self, row: Any) -> str:
        services.call_planned(planned_id=row.pk, now=timezone.now())
        return self.page(row)


class ContractPdf(PdfPage):
    """The contract on paper."""

    permission = "crm.view"

    def get_rows(self) -> QuerySet[Contract]:
        return visible_contracts(self.request.user)

    def get_pdf(self, row: Any, language: str) -> Pdf:
        return contract_pdf(row, language)
