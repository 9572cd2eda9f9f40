"""Pages of flow runs: what failed, why, and the button that tries again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata.models import FlowRun
from masterdata.pages import (
    Action,
    Card,
    Choice,
    Code,
    Column,
    Days,
    DeedView,
    DetailPage,
    Empty,
    Flag,
    ListPage,
    Number,
    State,
    Tab,
    View,
    When,
)
from suite.flows import runner

SEE, RETRY = "suite.view_flows", "suite.retry_flow"
FAILED = Q(state__in=[FlowRun.State.FAILED, FlowRun.State.DEAD])


def last_line(run: Any) -> str:
    """What went wrong, in one line."""
    lines = [line for line in run.error.splitlines() if line.strip()]
    return lines[-1].strip()[:160] if lines else ""


class FlowRuns(ListPage):
    """Flow runs; failed ones unless all are asked for."""

    permission = SEE
    title, question = _l("Failed flows"), _l("What did not follow, why, and does it work now?")
    columns = [
        Code("flow", _l("Flow"), sort="flow", link=True, css="w-1"),
        Column("fact.kind", _l("Because of"), sort="fact__kind", second="fact.subject"),
        When("fact.stated_at", _l("Stated"), sort="fact__stated_at"),
        State("state", _l("State"), sort="state"),
        Number("attempts", _l("Tries"), sort="attempts"),
        When("next_at", _l("Next try"), sort="next_at"),
        Column(last_line, _l("What went wrong"), css="wide", empty=_l("Nothing")),
    ]
    search_fields = ["flow", "fact__kind", "fact__subject", "error"]
    filters = [
        Choice("state", _l("State"), choices=FlowRun.State.choices),
        Flag("all", _l("With those that worked"), condition=Q()),
        Days("stated", _l("Stated"), field="fact__stated_at", is_moment=True),
    ]
    order_by = "-fact__stated_at"
    live = ["flows"]
    empty = Empty(
        _l("Nothing has failed"), _l("Every fact was followed by all that it should lead to."), "circle-check"
    )

    def get_rows(self) -> QuerySet[FlowRun]:
        rows = FlowRun.objects.select_related("fact")
        asked = self.request.GET
        return rows if asked.get("all") or asked.get("state") else rows.filter(FAILED)

    def get_views(self) -> Sequence[View]:
        counts = (
            FlowRun.objects.exclude(state=FlowRun.State.DONE)
            .order_by()
            .aggregate(failed=Count("pk", filter=FAILED), waiting=Count("pk", filter=Q(state=FlowRun.State.WAITING)))
        )
        tone = "late" if counts["failed"] else ""
        return [
            View("failed", _("Failed"), "", counts["failed"], tone),
            View("waiting", _("Waiting"), "state=waiting", counts["waiting"]),
            View("all", _("All"), "all=1"),
        ]

    def get_url(self, row: FlowRun) -> str:
        return reverse("suite:flow_run", args=[row.pk])

    def get_actions(self) -> list[Action]:
        return [Action(_("Proof"), reverse("suite:proof"), "shield-check", "suite.view_proof")]


class FlowRunPage(DetailPage):
    """One run: its fact, its tries, its error."""

    permission = SEE
    live = ["flows"]

    def get_rows(self) -> QuerySet[FlowRun]:
        return FlowRun.objects.select_related("fact__by", "fact__cause")

    def get_title(self, row: Any) -> Any:
        return row.flow

    def get_subtitle(self, row: Any) -> Any:
        return _("for %(kind)s %(subject)s") % {"kind": row.fact.kind, "subject": row.fact.subject}

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Failed flows"), reverse("suite:flow_runs")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return row.state, row.get_state_display()

    def get_cards(self, row: Any) -> Sequence[Card]:
        fact = [
            Code("fact.kind", _("Fact")),
            Column("fact.subject", _("About"), empty=_("Nothing alone")),
            When("fact.stated_at", _("Stated")),
            Column("fact.by", _("By"), empty=_("The house itself")),
            Code("fact.correlation_id", _("Correlation"), empty=_("None")),
        ]
        run = [
            Code("queue", _("Queue")),
            Number("attempts", _("Tries")),
            When("next_at", _("Next try")),
            When("done_at", _("Done"), empty=_("Not yet")),
        ]
        return [Card(_("Because of"), fact), Card(_("Run"), run)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("error", _("What went wrong"), template="suite/house/_error.html")]

    def get_actions(self, row: Any) -> list[Action]:
        if row.state == FlowRun.State.DONE:
            return []
        url = reverse("suite:flow_run_retry", args=[row.pk])
        return [Action(_("Try again"), url, "refresh", RETRY, post=True, is_main=True)]


class Retry(DeedView):
    """Set a run waiting again, at once."""

    permission = RETRY

    def get_rows(self) -> QuerySet[FlowRun]:
        return FlowRun.objects.all()

    def perform(self, row: FlowRun) -> str:
        if runner.retry(row.pk):
            messages.success(self.request, _("It is tried again now."))
        else:
            messages.success(self.request, _("It has worked meanwhile."))
        return reverse("suite:flow_run", args=[row.pk])
