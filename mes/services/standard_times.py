"""Standard times that correct themselves: proposals from what runs took, accepted into a new routing version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction

from masterdata import facts, live
from masterdata import services as masterdata
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Routing, User
from masterdata.models.engineering import VersionState
from mes import selectors
from mes.facts import StandardTimesAccepted
from mes.models import TimeProposal
from mes.selectors import RunTimes
from mes.standard_times import Estimate, Observed, estimate

LOOK_BACK = dt.timedelta(days=90)
MONTH_DAYS = Decimal(30)
State, Kind = TimeProposal.State, TimeProposal.Kind
Key = tuple[int, int, int, int]  # material, plant, sequence, machine


class NotOpen(Refusal):
    """The proposal was decided or overtaken meanwhile."""

    code = "proposal_not_open"


class OtherDraft(Refusal):
    """Somebody is writing the next version of the routing."""

    code = "routing_has_draft"


@dataclass(frozen=True, slots=True)
class Finding:
    """What the runs of one operation on one machine say of its planned minutes."""

    last: RunTimes
    kind: str
    planned: Decimal
    estimate: Estimate
    monthly_min: Decimal

    @property
    def monthly_cost(self) -> Decimal:
        cost = self.monthly_min * self.last.rate / 60
        return cost.quantize(Decimal("0.01"), ROUND_HALF_UP)


def findings(runs: Iterable[RunTimes], *, days: Decimal) -> list[Finding]:
    """Every operation on every machine with enough runs, whether they contradict the plan or not."""
    by_key: dict[Key, list[RunTimes]] = {}
    for run in runs:
        by_key.setdefault((run.material_id, run.plant_id, run.sequence, run.machine_id), []).append(run)
    found = []
    for rows in by_key.values():
        last = rows[-1]
        pieces = sum((row.pieces for row in rows), Decimal(0))
        takes = [Observed(row.run_id, row.run_minutes, row.pieces) for row in rows if row.run_minutes is not None]
        setups = [Observed(row.run_id, row.setup_minutes) for row in rows if row.setup_minutes is not None]
        slower = Decimal(100) / last.speed_percent
        for kind, planned, observed, often in (
            (Kind.RUN, last.planned_run, takes, pieces * slower),
            (Kind.SETUP, last.planned_setup, setups, Decimal(len(setups))),
        ):
            told = estimate(observed)
            if told is not None:
                monthly = (told.minutes - planned) * often * MONTH_DAYS / days
                found.append(Finding(last, kind, planned, told, monthly.quantize(Decimal("0.001"), ROUND_HALF_UP)))
    return found


def look_at_times(*, plant_ids: Collection[int], now: dt.datetime) -> int:
    """Compare what runs took with what their routings plan, and propose; how many proposals are open then.

    A proposal that no longer holds is overtaken. What was rejected comes again only with other runs behind it.
    """
    since = now - LOOK_BACK
    runs = selectors.run_times(plant_ids=plant_ids, since=since)
    first = min((run.finished_at for run in runs), default=now)
    days = max(Decimal((now - first) // dt.timedelta(days=1)), MONTH_DAYS)
    wanted = [one for one in findings(runs, days=days) if one.estimate.contradicts(one.planned)]
    return _propose(plant_ids, wanted, now)


@transaction.atomic
def _propose(plant_ids: Collection[int], wanted: Sequence[Finding], now: dt.datetime) -> int:
    rows = TimeProposal.objects.select_for_update(no_key=True).filter(plant__in=plant_ids, state=State.OPEN)
    stand = {_key(row): row for row in rows.order_by("pk")}
    refused = set(
        TimeProposal.objects.filter(plant__in=plant_ids, state=State.REJECTED).values_list(
            "evidence", "kind", "routing"
        )
    )
    kept = set()
    for one in wanted:
        if (one.estimate.fingerprint, one.kind, one.last.routing_id) in refused:
            continue
        row = _proposal(one, now)
        old = stand.get(_key(row))
        kept.add(_key(row))
        if old is not None and (old.evidence, old.routing_id) == (row.evidence, row.routing_id):
            continue
        if old is not None:
            _overtake([old], now)
        row.save()
    _overtake([row for key, row in stand.items() if key not in kept], now)
    for plant_id in plant_ids:
        live.publish("standard-times", plant_id, plant_id=plant_id)
    return TimeProposal.objects.filter(plant__in=plant_ids, state=State.OPEN).count()


def _key(row: TimeProposal) -> tuple[int, int, int, int, str]:
    return row.material_id, row.plant_id, row.sequence, row.machine_id, str(row.kind)


def _proposal(one: Finding, now: dt.datetime) -> TimeProposal:
    told, last = one.estimate, one.last
    return TimeProposal(
        plant_id=last.plant_id,
        material_id=last.material_id,
        routing_id=last.routing_id,
        sequence=last.sequence,
        name=last.name,
        machine_id=last.machine_id,
        kind=one.kind,
        planned=one.planned,
        observed=told.minutes,
        low=told.low,
        high=told.high,
        run_count=len(told.kept),
        outlier_count=len(told.outliers),
        monthly_min=one.monthly_min,
        monthly_cost=one.monthly_cost,
        evidence=told.fingerprint,
        made_at=now,
    )


def _overtake(rows: Sequence[TimeProposal], now: dt.datetime) -> None:
    for row in rows:
        row.state, row.decided_at = State.OVERTAKEN, now
        row.save(update_fields=["state", "decided_at"])


@transaction.atomic
def accept_times(*, proposal_ids: Collection[int], by: User, now: dt.datetime) -> list[Routing]:
    """Write the observed minutes into the next version of each routing and put it in force: one version a routing,
    however many of its operations are accepted. Work that is planned from now on takes them, and proposed work that
    stands: material planning hears of the version by its row. States StandardTimesAccepted, one a routing.

    Raises NotOpen, OtherDraft when a draft of the routing stands, InvalidInput without a proposal or with two machines
    that ask for different minutes of one operation.
    """
    rows = list(
        TimeProposal.objects.select_for_update(no_key=True, of=("self",))
        .select_related("material", "plant", "routing")
        .filter(pk__in=proposal_ids)
        .order_by("pk")
    )
    if not rows:
        raise InvalidInput("Choose at least one proposal.", field="proposals")
    for row in rows:
        if row.state != State.OPEN:
            raise NotOpen(
                f"{row.name} of {row.material.code} was decided meanwhile: {row.get_state_display().lower()}."
            )
    by_routing: dict[int, list[TimeProposal]] = {}
    for row in rows:
        by_routing.setdefault(row.routing_id, []).append(row)
    made = []
    for routing_id in sorted(by_routing):
        version = _next_version(by_routing[routing_id], now)
        for row in by_routing[routing_id]:
            row.state, row.decided_at, row.decided_by, row.became = State.ACCEPTED, now, by, version
            row.save(update_fields=["state", "decided_at", "decided_by", "became"])
        others = TimeProposal.objects.select_for_update(no_key=True).filter(routing_id=routing_id, state=State.OPEN)
        _overtake(list(others.order_by("pk")), now)
        live.publish("standard-times", version.plant_id, plant_id=version.plant_id)
        facts.state(
            StandardTimesAccepted(
                plant_id=version.plant_id,
                material_id=version.material_id,
                routing_id=version.pk,
                operations=tuple(sorted({row.name for row in by_routing[routing_id]})),
            )
        )
        made.append(version)
    return made


def _next_version(rows: Sequence[TimeProposal], now: dt.datetime) -> Routing:
    routing = rows[0].routing
    if routing.state != VersionState.FROZEN:
        raise NotOpen(f"The routing of {rows[0].material.code} has a newer version. Look at the times again.")
    same = Routing.objects.filter(material=routing.material_id, plant=routing.plant_id, state=VersionState.DRAFT)
    if draft := same.first():
        raise OtherDraft(
            f"Version {draft.version_no} of the routing of {rows[0].material.code} is being written."
            " Freeze or drop that draft first."
        )
    wanted = _wanted(rows)
    operations = [
        masterdata.OperationInput(
            sequence=one.sequence,
            name=one.name,
            work_centre_id=one.work_centre_id,
            run_min_per_unit=wanted.get((one.sequence, str(Kind.RUN)), one.run_min_per_unit),
            setup_min=wanted.get((one.sequence, str(Kind.SETUP)), one.setup_min),
            setup_family=one.setup_family,
            is_splittable=one.is_splittable,
        )
        for one in routing.operations.order_by("sequence")
    ]
    draft = masterdata.write_routing(material_id=routing.material_id, plant_id=routing.plant_id, operations=operations)
    return masterdata.freeze_routing(routing_id=draft.pk, now=now)


def _wanted(rows: Sequence[TimeProposal]) -> dict[tuple[int, str], Decimal]:
    """Minutes by operation and kind; machines that disagree are the planner's to choose."""
    wanted: dict[tuple[int, str], Decimal] = {}
    for row in rows:
        key = row.sequence, str(row.kind)
        if wanted.setdefault(key, row.observed) != row.observed:
            raise InvalidInput(
                f"Two machines ask for different minutes of {row.name} of {row.material.code}. Accept one of them: the"
                " routing has one time for the work centre, the machines' speed says the rest.",
                field="proposals",
            )
    return wanted


@transaction.atomic
def reject_time(*, proposal_id: int, note: str, by: User, now: dt.datetime) -> TimeProposal:
    """Leave the planned minutes as they are, and say why. Raises NotOpen, InvalidInput without a word."""
    row = TimeProposal.objects.select_for_update(no_key=True).order_by("pk").get(pk=proposal_id)
    if row.state != State.OPEN:
        raise NotOpen("This proposal was decided meanwhile.")
    if not note.strip():
        raise InvalidInput("Say why the planned minutes stay as they are.", field="note")
    row.state, row.decided_at, row.decided_by, row.note = State.REJECTED, now, by, note.strip()[:400]
    row.save(update_fields=["state", "decided_at", "decided_by", "note"])
    live.publish("standard-times", row.plant_id, plant_id=row.plant_id)
    return row
