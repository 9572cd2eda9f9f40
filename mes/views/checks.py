"""Results of checks, one of them, and a check recorded at a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.models import WorkOrderOperation
from masterdata.access import visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.pages import (
    Card,
    Choice,
    Code,
    Column,
    Days,
    DetailPage,
    Empty,
    Filter,
    FormPage,
    ListPage,
    Number,
    State,
    Tab,
    View,
    When,
)
from mes import selectors, services
from mes.models import CheckPlan, CheckResult
from mes.quality_forms import CheckForm, kept_photo
from mes.selectors.checks import next_piece
from mes.views.check_plans import where

SEE, RECORD = "mes.view_quality", "mes.record_check"


class Results(ListPage):
    """Every check that was made."""

    permission = SEE
    title, question = _l("Checks"), _l("What was checked, and was it good?")
    columns = [
        When("checked_at", _l("When"), sort="checked_at", link=True),
        Code("plan.code", _l("Plan"), sort="plan__code", second="plan.name"),
        Code("operation.work_order.number", _l("Work order"), sort="operation__work_order__number",
             second="operation.name"),
        Number("piece_no", _l("Piece"), sort="piece_no"),
        Code("machine.code", _l("Machine"), sort="machine__code", empty=_l("Not known")),
        Column(lambda row: row.operator or row.by, _l("Who"), empty=_l("Not known")),
        State("verdict", _l("Verdict"), sort="verdict"),
        Column("said", _l("What was wrong"), css="wide wraps", empty=_l("Nothing")),
    ]  # fmt: skip
    search_fields = ["plan__code", "plan__name", "operation__work_order__number", "machine__code", "said"]
    filters = [
        Choice("verdict", _l("Verdict"), choices=CheckResult.Verdict.choices),
        Filter("plan", _l("Plan"), field="plan__code"),
        Filter("machine", _l("Machine"), field="machine__code"),
        Days("day", _l("When"), field="checked_at", is_moment=True),
    ]
    order_by = "-checked_at"
    live = ["quality"]
    empty = Empty(
        _l("No checks yet"), _l("They are recorded on the tablets, or on the quality page."), "clipboard-check"
    )

    def get_rows(self) -> QuerySet[CheckResult]:
        return in_chosen_plant(self.request, visible_to(self.request.user, selectors.check_results(), SEE))

    def get_url(self, row: CheckResult) -> str:
        return reverse("mes:check_result", args=[row.pk])

    def get_views(self) -> Sequence[View]:
        return [
            View("all", _("All")),
            View("bad", _("Out of tolerance"), "verdict=tolerance"),
            View("control", _("Out of control"), "verdict=control"),
        ]

    def get_row_css(self, row: CheckResult) -> str:
        return "is-late" if row.verdict == CheckResult.Verdict.TOLERANCE else ""


class ResultPage(DetailPage):
    """One check with its values."""

    permission, template_name = SEE, "mes/quality/detail.html"

    def get_rows(self) -> QuerySet[CheckResult]:
        return visible_to(self.request.user, selectors.check_results(), SEE)

    def get_title(self, row: CheckResult) -> str:
        return _("%(code)s, piece %(n)s") % {"code": row.plan.code, "n": row.piece_no}

    def get_subtitle(self, row: CheckResult) -> str:
        order = row.operation.work_order
        return f"{order.number} · {row.operation.name} · {order.material.name}"

    def get_back(self, row: CheckResult) -> tuple[Any, str]:
        return _("Checks"), reverse("mes:check_results")

    def get_state(self, row: CheckResult) -> tuple[str, Any]:
        return row.verdict, row.get_verdict_display()

    def get_cards(self, row: CheckResult) -> Sequence[Card]:
        return [
            Card(
                _("Facts"),
                [
                    When("checked_at", _("When")),
                    Column(lambda one: one.operator or one.by, _("Who"), empty=_("Not known")),
                    Code("machine.code", _("Machine"), empty=_("Not known")),
                    Column("gauge", _("Gauge"), empty=_("None was needed")),
                    Column("said", _("What was wrong"), empty=_("Nothing")),
                    Column("note", _("Note"), empty=_("None")),
                ],
            )
        ]

    def get_tabs(self, row: CheckResult) -> Sequence[Tab]:
        return [Tab("values", _("Values"), template="mes/quality/_values.html")]

    def get_context_data(self, row: CheckResult) -> dict[str, Any]:
        return super().get_context_data(row) | {
            "values": list(row.values.select_related("characteristic")),
            "found": list(row.nonconformances.all()),
        }


class RecordCheck(FormPage):
    """A check made now at an operation, by a plan."""

    permission, form_class, submit_label = RECORD, CheckForm, _l("Record")
    template_name = "mes/quality/record.html"

    @cached_property
    def operation(self) -> WorkOrderOperation:
        rows = WorkOrderOperation.objects.select_related("work_order__material", "work_order__plant")
        return get_object_or_404(visible_to(self.request.user, rows, RECORD), pk=self.kwargs["operation_id"])

    @cached_property
    def plan(self) -> CheckPlan:
        rows = CheckPlan.objects.filter(state=CheckPlan.State.ACTIVE).select_related("work_centre", "material")
        return get_object_or_404(visible_to(self.request.user, rows, RECORD), pk=self.kwargs["pk"])

    def get_title(self) -> Any:
        return self.plan.name

    def get_back(self) -> tuple[Any, str]:
        return _("Quality"), reverse("mes:quality")

    def get_initial(self) -> dict[str, Any]:
        past = CheckResult.objects.filter(operation=self.operation, plan__code=self.plan.code, is_void=False)
        last = max(past.values_list("piece_no", flat=True), default=None)
        due = next_piece(self.plan, last) if self.plan.trigger == CheckPlan.Trigger.COUNT else None
        count = int(self.operation.reported_qty)
        return {"piece_no": due if due and due <= count + 1 else max(1, count)}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"plan": self.plan, "plant_id": self.operation.work_order.plant_id}

    def get_context_data(self, form: Any) -> dict[str, Any]:
        return super().get_context_data(form) | {
            "operation": self.operation,
            "plan": self.plan,
            "where": where(self.plan),
        }

    def perform(self, form: Any) -> str:
        given, plant = form.cleaned_data, self.operation.work_order.plant
        photos = kept_photo(given["photo"], plant)
        employee = getattr(self.request.user, "employee", None)
        gauge = given.get("gauge")
        result = services.record_check(
            plan_id=self.plan.pk,
            operation_id=self.operation.pk,
            values=form.values,
            now=timezone.now(),
            source=services.Source(by_id=self.request.user.pk, operator_id=employee.pk if employee else None),
            piece_no=given["piece_no"],
            gauge_id=gauge.pk if gauge else None,
            photo_id=photos[0] if photos else None,
            note=given["note"],
        )
        return reverse("mes:check_result", args=[result.pk])
