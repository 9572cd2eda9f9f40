"""Scenarios over REST: copied, changed, solved, compared, promoted."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from aps import scenario_rows as rows
from aps import selectors, services, supposed
from aps.models import Scenario, ScenarioChange, ScenarioLine, ScenarioOperation, ScenarioRun
from masterdata.api.deeds import asks, changes, creates, deed, part
from masterdata.api.problems import VersionMissing
from masterdata.api.rows import ReadableRows
from masterdata.errors import InvalidInput

SEE, WRITE, PROMOTE = "aps.view_scenario", "aps.write_scenario", "aps.promote_scenario"


class Scenarios(ReadableRows):
    """What if: the plan of a plant under assumptions."""

    queryset = Scenario.objects.select_related("made_by", "ended_by")
    serializer_class = rows.ScenarioRow
    view_deed = SEE
    filterset_fields = ("plant", "state")
    search_fields = ("name", "notes")
    ordering_fields = ("name", "made_at", "state")

    @creates(WRITE, takes=rows.ScenarioBody, gives=rows.ScenarioRow)
    def create(self, request: Request) -> Response:
        """Copy the plan in force."""
        given = self.taken(rows.ScenarioBody)
        scenario = services.copy_plan(
            plant_id=given["plant"].pk,
            name=given["name"],
            notes=given.get("notes", ""),
            like=given.get("like"),
            by=self.caller(),
            now=timezone.now(),
        )
        return self.answer(scenario, status=201)

    @changes(WRITE, takes=rows.NamesBody, gives=rows.ScenarioRow)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change its name or notes."""
        row, version = self.get_object(), self.expected_version()
        if version is None:
            raise VersionMissing("Send the row's ETag as If-Match, so that nobody's change is overwritten.")
        values = self.taken(rows.NamesBody)
        return self.answer(services.rename_scenario(scenario_id=row.pk, values=values, expected_version=version))

    @deed(WRITE, takes=rows.ChangeBody, gives=rows.ChangeRow, status=201)
    def add_change(self, request: Request, pk: str) -> Response:
        """Assume one thing more; a result that was there is void."""
        row, given = self.get_object(), self.taken()
        change = services.add_change(
            scenario_id=row.pk,
            kind=given.pop("kind"),
            values=given,
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.shown(rows.ChangeRow, supposed.changes_of([row.pk]).get(pk=change.pk), status=201)

    @deed(WRITE, takes=rows.RemoveBody)
    def remove_change(self, request: Request, pk: str) -> Response:
        """Assume it no more; a result that was there is void."""
        row, change_id = self.get_object(), self.taken()["change"]
        if not row.changes.filter(pk=change_id).exists():
            raise InvalidInput("The scenario has no such change.", field="change")
        services.remove_change(change_id=change_id, expected_version=self.expected_version())
        return self.answer(row)

    @deed(WRITE, takes=rows.SolveBody)
    def solve(self, request: Request, pk: str) -> Response:
        """Solve it for so many seconds; `aps/scenario-runs/?scenario=` shows how far it is."""
        row, seconds = self.get_object(), self.taken()["seconds"]
        services.solve_scenario(
            scenario_id=row.pk,
            seconds=seconds,
            by=self.caller(),
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.answer(row)

    @deed(WRITE)
    def stop(self, request: Request, pk: str) -> Response:
        """End its solve; the best plan so far is the result."""
        row = self.get_object()
        services.stop_scenario(scenario_id=row.pk, by=self.caller(), now=timezone.now())
        return self.answer(row)

    @deed(WRITE)
    def drop(self, request: Request, pk: str) -> Response:
        """Nobody wants it any more."""
        row, version = self.get_object(), self.expected_version()
        services.drop_scenario(scenario_id=row.pk, by=self.caller(), now=timezone.now(), expected_version=version)
        return self.answer(row)

    @deed(PROMOTE, takes=rows.PromoteBody)
    def promote(self, request: Request, pk: str) -> Response:
        """Make it the plan, on top of what moved meanwhile."""
        row = self.get_object()
        services.promote_scenario(
            scenario_id=row.pk,
            by=self.caller(),
            now=timezone.now(),
            onto=self.taken().get("onto"),
            expected_version=self.expected_version(),
        )
        return self.answer(row)

    @part(SEE, gives=rows.PromotionRow)
    def promotion(self, request: Request, pk: str) -> Response:
        """What promoting it now would do; writes nothing."""
        row = self.get_object()
        check = services.check_promotion(scenario_id=row.pk, by=self.caller(), now=timezone.now())
        return self.shown(rows.PromotionRow, check)

    @part(SEE, gives=rows.ResultRow)
    def result(self, request: Request, pk: str) -> Response:
        """Its figures beside those of the plan in force; empty lists while there is none."""
        return self.shown(rows.ResultRow, self.get_object())

    @asks(SEE, takes=rows.CompareBody, gives=rows.ComparisonRow, on_one=False)
    def compare(self, request: Request) -> Response:
        """Solved scenarios of one plant side by side."""
        wanted = self.taken()["scenarios"]
        known = {row.pk: row for row in self.get_queryset().filter(pk__in=wanted)}
        chosen = [known[key] for key in dict.fromkeys(wanted) if key in known and known[key].has_result]
        if len(chosen) < len(set(wanted)):
            raise InvalidInput("Name scenarios that are solved.", field="scenarios")
        if len({row.plant_id for row in chosen}) > 1:
            raise InvalidInput("Name scenarios of one plant.", field="scenarios")
        found = selectors.compare(chosen)
        results = [
            {"scenario": row.pk, "name": row.name, "base_no": row.base_no, "figures": figures}
            for row, figures in zip(found.scenarios, found.results, strict=True)
        ]
        return self.shown(rows.ComparisonRow, {"was": found.was, "results": results})


class ScenarioChanges(ReadableRows):
    """What scenarios assume."""

    queryset = ScenarioChange.objects.select_related(*supposed.NAMED)
    serializer_class = rows.ChangeRow
    view_deed = SEE
    filterset_fields = ("scenario", "kind")


class ScenarioRuns(ReadableRows):
    """Solves of scenarios: how far they are, and what came of them."""

    queryset = ScenarioRun.objects.select_related("stop_requested_by")
    serializer_class = rows.SolveRow
    view_deed = SEE
    filterset_fields = ("scenario", "state")


class ScenarioLines(ReadableRows):
    """Orders of scenarios: when they come by the plan in force, and by the scenario."""

    queryset = ScenarioLine.objects.order_by("scenario", "id")
    serializer_class = rows.LineRow
    view_deed = SEE
    filterset_fields = ("scenario", "order_line")
    ordering_fields = ("gained_min", "late_min", "end_at")


class ScenarioOperations(ReadableRows):
    """Where scenarios put operations."""

    queryset = ScenarioOperation.objects.order_by("scenario", "starts_at", "id")
    serializer_class = rows.OperationRow
    view_deed = SEE
    filterset_fields = ("scenario", "operation", "machine")


VIEWSETS: list[tuple[str, Any]] = [
    ("scenarios", Scenarios),
    ("scenario-changes", ScenarioChanges),
    ("scenario-runs", ScenarioRuns),
    ("scenario-lines", ScenarioLines),
    ("scenario-operations", ScenarioOperations),
]
