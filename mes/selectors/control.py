"""Control charts of one characteristic: its subgroups of a time and machine, limits, violations, capability."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from masterdata import statements
from mes import spc
from mes.models import Characteristic, CheckPlan, CheckResult, CheckValue

MOST_POINTS = 100  # of a chart: the newest; more are not told apart on a screen
BASE, LEAST = 25, 20  # subgroups whose limits judge the next one, and how few will do


@dataclass(frozen=True, slots=True)
class Subgroup:
    """The values of one check, and where it was made."""

    result_id: int
    checked_at: dt.datetime
    piece_no: int
    work_order: str
    machine: str
    values: tuple[float, ...]
    is_within: bool


@dataclass(frozen=True, slots=True)
class ControlChart:
    """What a page draws. `control` is None while there are too few subgroups; `broken` names the rules by point."""

    characteristic: Characteristic
    subgroups: Sequence[Subgroup]
    control: spc.Control | None
    broken: dict[int, list[int]]
    capability: spc.Capability | None


def same_characteristic(one: Characteristic) -> dict[str, Any]:
    """The filter of values of the characteristic through all versions of its plan."""
    return {
        "characteristic__plan__plant": one.plan.plant_id,
        "characteristic__plan__code": one.plan.code,
        "characteristic__line_no": one.line_no,
        "characteristic__kind": one.kind,
    }


def subgroups(
    one: Characteristic,
    *,
    machine_id: int | None = None,
    since_at: dt.datetime | None = None,
    until_at: dt.datetime | None = None,
    before: CheckResult | None = None,
    most: int = MOST_POINTS,
) -> list[Subgroup]:
    """The newest subgroups of the size that the characteristic has now, oldest first."""
    rows = CheckResult.objects.filter(is_void=False, plan__plant=one.plan.plant_id, plan__code=one.plan.code)
    if machine_id is not None:
        rows = rows.filter(machine=machine_id)
    if since_at is not None:
        rows = rows.filter(checked_at__gte=since_at)
    if until_at is not None:
        rows = rows.filter(checked_at__lt=until_at)
    if before is not None:
        rows = rows.filter(checked_at__lte=before.checked_at).exclude(pk=before.pk)
    found = list(rows.select_related("operation__work_order", "machine").order_by("-checked_at", "-pk")[:most])
    values: dict[int, list[CheckValue]] = {}
    wanted = CheckValue.objects.filter(**same_characteristic(one), result__in=[row.pk for row in found])
    for value in wanted.order_by("result", "sample_no"):
        values.setdefault(value.result_id, []).append(value)
    return [
        Subgroup(
            result_id=row.pk,
            checked_at=row.checked_at,
            piece_no=row.piece_no,
            work_order=row.operation.work_order.number,
            machine=row.machine.code if row.machine else "",
            values=tuple(float(value.value or 0) for value in values[row.pk]),
            is_within=all(value.is_good for value in values[row.pk]),
        )
        for row in reversed(found)
        if len(values.get(row.pk, ())) == one.subgroup
    ]


def control_chart(
    one: Characteristic,
    *,
    machine_id: int | None = None,
    since_at: dt.datetime | None = None,
    until_at: dt.datetime | None = None,
) -> ControlChart:
    """The chart of a measured characteristic; the plan's rules, or all when it names none, are looked for."""
    found = subgroups(one, machine_id=machine_id, since_at=since_at, until_at=until_at)
    if len(found) < 2:
        return ControlChart(one, found, None, {}, None)
    control = spc.control([group.values for group in found])
    rules = spc.chosen(one.plan.rules) or list(spc.NELSON)
    broken: dict[int, list[int]] = {}
    for violation in spc.violations(
        control.points, centre=control.of_points.centre, sigma=control.sigma_of_points, rules=rules
    ):
        broken.setdefault(violation.last, []).append(violation.rule)
    capability = spc.capability(
        [value for group in found for value in group.values],
        sigma_within=control.sigma,
        lower=_float(one.lower),
        upper=_float(one.upper),
    )
    return ControlChart(one, found, control, broken, capability)


def rules_broken(one: Characteristic, *, result: CheckResult, values: Sequence[Decimal]) -> list[int]:
    """Rules of the plan that the newest subgroup completes, judged by the limits of those before it on its machine.

    Nothing is judged before there are enough of them.
    """
    rules = spc.chosen(one.plan.rules)
    if not rules or one.kind != Characteristic.Kind.MEASURED or not values:
        return []
    before = subgroups(one, machine_id=result.machine_id, before=result, most=BASE)
    if len(before) < LEAST:
        return []
    control = spc.control([group.values for group in before])
    newest = sum(float(value) for value in values) / len(values)
    points = [*control.points, newest]
    found = spc.violations(points, centre=control.of_points.centre, sigma=control.sigma_of_points, rules=rules)
    return sorted({one.rule for one in found if one.last == len(points) - 1})


def measured_characteristics(plant_ids: Iterable[int]) -> list[Characteristic]:
    """Measured characteristics of active plans."""
    return list(
        Characteristic.objects.filter(
            kind=Characteristic.Kind.MEASURED,
            plan__state=CheckPlan.State.ACTIVE,
            plan__plant__in=list(plant_ids),
        )
        .select_related("plan__plant", "plan__work_centre", "plan__material")
        .order_by("plan__code", "line_no")
    )


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a characteristic fits its tolerance."""

    characteristic: Characteristic
    checks: int
    cpk: float


# Mean and mean range (moving range of single values) of each characteristic's checks, by the size of their subgroups.
_SPREADS = """
    WITH checked AS (
        SELECT p.plant_id, p.code, c.line_no, r.id, r.checked_at, count(*) AS size, avg(v.value) AS mean,
            max(v.value) - min(v.value) AS spread
        FROM mes_checkresult r JOIN mes_checkvalue v ON v.result_id = r.id AND v.value IS NOT NULL
        JOIN mes_characteristic c ON c.id = v.characteristic_id JOIN mes_checkplan p ON p.id = c.plan_id
        WHERE NOT r.is_void AND r.plant_id = ANY(%s::bigint[]) AND r.checked_at >= %s
        GROUP BY p.plant_id, p.code, c.line_no, r.id
    ), ranged AS (
        SELECT *, CASE WHEN size > 1 THEN spread ELSE abs(mean - lag(mean) OVER (
            PARTITION BY plant_id, code, line_no, size ORDER BY checked_at, id)) END AS range FROM checked
    )
    SELECT plant_id, code, line_no, size, count(*), avg(mean), avg(range) FROM ranged
    GROUP BY plant_id, code, line_no, size
"""


def worst_fits(plant_ids: Iterable[int], *, now: dt.datetime, most: int = 5) -> list[Fit]:
    """The characteristics that fit their tolerance worst in the last thirty days, worst first."""
    plants = list(plant_ids)
    since = now - dt.timedelta(days=30)
    known = {tuple(row[:4]): row[4:] for row in statements.run(_SPREADS, [plants, since])}
    found = []
    for one in measured_characteristics(plants):
        checks, mean, spread = known.get((one.plan.plant_id, one.plan.code, one.line_no, one.subgroup), (0, None, None))
        if checks < 2 or not spread:
            continue
        sigma = float(spread) / spc.CONSTANTS[max(spc.MOVING, one.subgroup)][3]
        cpk = spc.nearer(float(mean), sigma, _float(one.lower), _float(one.upper))
        if cpk is not None:
            found.append(Fit(one, checks, cpk))
    return sorted(found, key=lambda fit: fit.cpk)[:most]


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
