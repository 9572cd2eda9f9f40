"""What production control does with a work order: release it, take that back, issue its material and give it back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.production import services
from erp.production.control_forms import GiveBackForm, IssueForm, ReleaseForm, ReworkForm
from erp.production.models import WorkOrder
from erp.production.selectors import listed
from erp.production.selectors.floor import waiting_for_rework
from erp.production.selectors.scanned import scanned
from erp.production.selectors.short import short_now
from masterdata import shown
from masterdata.access import visible_to
from masterdata.errors import InvalidInput
from masterdata.pages import DeedView, EditPage

RELEASE, ISSUE = "erp.release_work_order", "erp.issue_material"


def page_of(row: WorkOrder, tab: str = "") -> str:
    url = reverse("erp:work_order", args=[row.pk])
    return f"{url}?tab={tab}" if tab else url


class _OfWorkOrder(EditPage):
    """A form about one work order; its version is checked under lock by the service."""

    def get_rows(self) -> QuerySet[WorkOrder]:
        rows = WorkOrder.objects.select_related("plant__company__currency", "material__unit", "sales_order_line")
        return visible_to(self.request.user, rows, self.permission)

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, page_of(self.get_object())

    def get_initial(self) -> dict[str, Any]:
        return {}


class Release(_OfWorkOrder):
    """Keep all that it needs and let the floor begin; what lacks is listed."""

    permission, form_class, done_message = RELEASE, ReleaseForm, _l("Released.")
    template_name, submit_label = "erp/production/release.html", _l("Release")

    def get_title(self) -> Any:
        return _("Release %(number)s") % {"number": self.get_object().number}

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"short": short_now(self.get_object())}

    def perform(self, form: Any) -> str:
        row, reason = self.get_object(), form.cleaned_data["reason"]
        self.release(
            work_order_id=row.pk,
            now=timezone.now(),
            by=self.request.user,
            despite_shortage=bool(reason.strip()),
            reason=reason,
        )
        return page_of(row)

    def release(self, **given: Any) -> None:
        """Sales, which stands above, asks first whether the order may be made."""
        services.release_work_order(**given)


class Unrelease(DeedView):
    """Take a release back while nothing has begun."""

    permission, done_message = RELEASE, _l("It is firm again: what was kept for it may go elsewhere.")

    def get_rows(self) -> QuerySet[WorkOrder]:
        return visible_to(self.request.user, WorkOrder.objects.all(), RELEASE)

    def perform(self, row: WorkOrder) -> str:
        services.unrelease_work_order(work_order_id=row.pk, now=timezone.now(), by=self.request.user)  # type: ignore[arg-type]
        return page_of(row)


class Rework(_OfWorkOrder):
    """Where and how pieces that wait for rework are mended."""

    permission, form_class, submit_label = RELEASE, ReworkForm, _l("Add the step")
    done_message = _l("The step is there; the next plan says when and on which machine.")

    def get_title(self) -> Any:
        return _("Rework of %(number)s") % {"number": self.get_object().number}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"order": self.get_object()}

    def get_initial(self) -> dict[str, Any]:
        every = list(self.get_object().operations.order_by("sequence"))
        waiting = waiting_for_rework(every)
        one = next((one for one in every if one.pk in waiting), None)
        if one is None:
            return {}
        return {
            "operation": one.pk,
            "quantity": shown.plain(waiting[one.pk]),
            "work_centre": one.work_centre_id,
            "setup_min": "0",
        }

    def perform(self, form: Any) -> str:
        row, given = self.get_object(), dict(form.cleaned_data)
        operation, centre = given.pop("operation"), given.pop("work_centre")
        services.add_rework_step(
            work_order_id=row.pk,
            operation_id=operation.pk,
            work_centre_id=centre.pk,
            now=timezone.now(),
            by=self.request.user,  # type: ignore[arg-type]
            **given,
        )
        return page_of(row)


class _Moving(_OfWorkOrder):
    """Scan, quantity, next: the page stays until the last piece is there."""

    permission, version_field = ISSUE, ""
    template_name = "erp/production/issue.html"
    gives_back = False

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {
            "needs": listed.needs_of(self.get_object().pk),
            "gives_back": self.gives_back,
        }

    def meant(self, form: Any) -> dict[str, Any]:
        given = form.cleaned_data
        material_id, lot_id = scanned(order=self.get_object(), text=given["scan"], now=timezone.now())
        if material_id is None:
            raise InvalidInput(_("Nothing has this number: scan a lot or a material."), field="scan")
        return {
            "work_order_id": self.get_object().pk,
            "material_id": material_id,
            "lot_id": lot_id,
            "quantity": given["quantity"],
            "reason": given["reason"],
            "now": timezone.now(),
            "by": self.request.user,
        }

    def refuse(self, form: Any, refusal: Any) -> None:
        if refusal.field == "material_id":
            refusal.field = "scan"
        super().refuse(form, refusal)


class Issue(_Moving):
    """Material for a work order, by scan."""

    form_class, submit_label = IssueForm, _l("Issue")

    def get_title(self) -> Any:
        return _("Issue to %(number)s") % {"number": self.get_object().number}

    def perform(self, form: Any) -> str:
        given = self.meant(form)
        services.issue_material(**given)
        messages.success(self.request, _("Issued: %(what)s.") % {"what": form.cleaned_data["scan"]})
        return reverse("erp:work_order_issue", args=[self.get_object().pk])


class GiveBack(_Moving):
    """What was issued and not used goes back to stock."""

    form_class, submit_label, gives_back = GiveBackForm, _l("Give back"), True

    def get_title(self) -> Any:
        return _("Give back from %(number)s") % {"number": self.get_object().number}

    def perform(self, form: Any) -> str:
        services.return_material(**self.meant(form))
        messages.success(self.request, _("Given back: %(what)s.") % {"what": form.cleaned_data["scan"]})
        return reverse("erp:work_order_give_back", args=[self.get_object().pk])
