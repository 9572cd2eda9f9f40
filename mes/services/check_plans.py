"""Check plans: drafts are written, activated, and replaced by a new version; what is active stays as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import ClassVar

from django.db import transaction

from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Material, Plant, User, WorkCentre
from mes import spc
from mes.models import Characteristic, CheckPlan

State, Trigger = CheckPlan.State, CheckPlan.Trigger


class CheckPlanFixed(Refusal):
    """Only drafts change: results were recorded by the version that was active."""

    code: ClassVar[str] = "check_plan_fixed"


class NothingToCheck(Refusal):
    """A plan without characteristics checks nothing."""

    code: ClassVar[str] = "nothing_to_check"


@dataclass(frozen=True, kw_only=True)
class PlanInput:
    """What a plan says of itself; see the model."""

    name: str
    material: Material | None = None
    sequence: int | None = None
    work_centre: WorkCentre | None = None
    trigger: str = Trigger.COUNT
    first_piece: bool = True
    every_n: int | None = None
    every_min: int | None = None
    is_blocking: bool = False
    on_fault: str = CheckPlan.OnFault.HOLD
    rules: Sequence[int] = field(default_factory=list)
    instruction: str = ""


@dataclass(frozen=True, kw_only=True)
class CharacteristicInput:
    """One characteristic; see the model. `line_no` empty: the next free one."""

    name: str
    kind: str = Characteristic.Kind.MEASURED
    unit: str = ""
    nominal: Decimal | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    decimals: int = 2
    subgroup: int = 1
    needs_gauge: bool = False
    needs_photo: bool = False
    mark: int | None = None
    line_no: int | None = None


@transaction.atomic
def create_check_plan(
    *,
    plant: Plant,
    code: str,
    plan: PlanInput,
    now: dt.datetime,
    by: User | None = None,
    characteristics: Sequence[CharacteristicInput] = (),
) -> CheckPlan:
    """A draft of version 1. Raises InvalidInput."""
    code = code.strip().upper()
    if not code:
        raise InvalidInput("Give the plan a code, as CP-EDGE.", field="code")
    if CheckPlan.objects.filter(plant=plant, code=code).exists():
        raise InvalidInput(
            f"{plant.name} has a check plan {code} already. Make a new version of it, or choose another code.",
            field="code",
        )
    _check(plan, plant)
    row = CheckPlan.objects.create(plant=plant, code=code, made_by=by, made_at=now, **_values(plan))
    for one in characteristics:
        add_characteristic(plan_id=row.pk, characteristic=one)
    return row


@transaction.atomic
def change_check_plan(*, plan_id: int, plan: PlanInput, expected_version: int | None = None) -> CheckPlan:
    """Rewrite a draft. Raises CheckPlanFixed, InvalidInput, StaleVersion."""
    row = _draft(plan_id, expected_version)
    _check(plan, row.plant)
    for name, value in _values(plan).items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    return row


@transaction.atomic
def add_characteristic(*, plan_id: int, characteristic: CharacteristicInput) -> Characteristic:
    """Add one to a draft. Raises CheckPlanFixed, InvalidInput."""
    row = _draft(plan_id)
    _check_characteristic(characteristic)
    taken = set(row.characteristics.values_list("line_no", flat=True))
    number = characteristic.line_no or max(taken, default=0) + 1
    if number in taken:
        raise InvalidInput(f"Number {number} is taken. Choose another one.", field="line_no")
    values = _values_of(characteristic) | {"line_no": number}
    return Characteristic.objects.create(plan=row, **values)


@transaction.atomic
def change_characteristic(*, characteristic_id: int, characteristic: CharacteristicInput) -> Characteristic:
    """Rewrite one of a draft; its number stays. Raises CheckPlanFixed, InvalidInput."""
    found = Characteristic.objects.get(pk=characteristic_id)
    _draft(found.plan_id)
    _check_characteristic(characteristic)
    values = _values_of(characteristic)
    del values["line_no"]
    for name, value in values.items():
        setattr(found, name, value)
    found.save()
    return found


@transaction.atomic
def remove_characteristic(*, characteristic_id: int) -> None:
    """Take one out of a draft. Raises CheckPlanFixed."""
    found = Characteristic.objects.get(pk=characteristic_id)
    _draft(found.plan_id)
    found.delete()


@transaction.atomic
def activate_check_plan(*, plan_id: int, now: dt.datetime, expected_version: int | None = None) -> CheckPlan:
    """From now on this version is checked; the one before retires. Raises CheckPlanFixed, NothingToCheck."""
    row = _draft(plan_id, expected_version)
    if not row.characteristics.exists():
        raise NothingToCheck("Add at least one characteristic first: this plan checks nothing.")
    versions = CheckPlan.objects.filter(plant=row.plant_id, code=row.code)
    for other in versions.select_for_update(no_key=True).filter(state=State.ACTIVE).order_by("pk"):
        other.state = State.RETIRED
        other.save(update_fields=["state"])
    row.state, row.active_since_at = State.ACTIVE, now
    row.version += 1
    row.save(update_fields=["state", "active_since_at", "version"])
    return row


@transaction.atomic
def retire_check_plan(*, plan_id: int, expected_version: int | None = None) -> CheckPlan:
    """Nothing is checked by it any more; its results stay. Raises CheckPlanFixed, StaleVersion."""
    row = _hold(plan_id, expected_version)
    if row.state != State.ACTIVE:
        raise CheckPlanFixed(f"{row} is {row.get_state_display().lower()}: only an active plan can be retired.")
    row.state = State.RETIRED
    row.version += 1
    row.save(update_fields=["state", "version"])
    return row


@transaction.atomic
def renew_check_plan(*, plan_id: int, now: dt.datetime, by: User | None = None) -> CheckPlan:
    """A draft of the next version, like this one. Raises CheckPlanFixed when there is a draft already."""
    row = _hold(plan_id)
    versions = CheckPlan.objects.filter(plant=row.plant_id, code=row.code)
    if draft := versions.filter(state=State.DRAFT).first():
        raise CheckPlanFixed(f"Version {draft.version_no} of {row.code} is a draft already. Go on with that one.")
    again = CheckPlan.objects.create(
        plant=row.plant,
        code=row.code,
        version_no=max(versions.values_list("version_no", flat=True)) + 1,
        made_by=by,
        made_at=now,
        **{one.name: getattr(row, one.name) for one in fields(PlanInput)},
    )
    for one in row.characteristics.order_by("line_no"):
        one.pk, one.plan = None, again
        one._state.adding = True
        one.save()
    return again


def _values(plan: PlanInput) -> dict[str, object]:
    """The columns; what the trigger does not need is empty."""
    values: dict[str, object] = {one.name: getattr(plan, one.name) for one in fields(plan)}
    by_count, by_time = plan.trigger == Trigger.COUNT, plan.trigger == Trigger.TIME
    values["rules"] = sorted(set(plan.rules))
    values["name"], values["instruction"] = plan.name.strip(), plan.instruction.strip()
    values["first_piece"] = plan.first_piece and by_count
    values["every_n"] = plan.every_n if by_count else None
    values["every_min"] = plan.every_min if by_time else None
    return values


def _values_of(given: CharacteristicInput) -> dict[str, object]:
    values: dict[str, object] = {one.name: getattr(given, one.name) for one in fields(given)}
    values["name"], values["unit"] = given.name.strip(), given.unit.strip()
    if given.kind == Characteristic.Kind.ATTRIBUTE:
        values |= {"nominal": None, "lower": None, "upper": None, "subgroup": 1, "unit": ""}
    return values


def _check(plan: PlanInput, plant: Plant) -> None:
    if not plan.name.strip():
        raise InvalidInput("Say what is checked, as edge height.", field="name")
    _check_where(plan, plant)
    _check_when(plan)
    if plan.on_fault not in CheckPlan.OnFault.values:
        raise InvalidInput("Choose what follows a fault.", field="on_fault")
    if unknown := sorted(set(plan.rules) - spc.NAMES.keys()):
        raise InvalidInput(f"There is no run rule {unknown[0]}: choose from 1 to 8.", field="rules")


def _check_where(plan: PlanInput, plant: Plant) -> None:
    if plan.sequence is not None and plan.material is None:
        raise InvalidInput("An operation's number belongs to a material: choose the material too.", field="material")
    if plan.material is None and plan.work_centre is None:
        raise InvalidInput("Choose a material, a work centre, or both: where is it checked?", field="material")
    if plan.work_centre is not None and plan.work_centre.plant_id != plant.pk:
        raise InvalidInput(f"Choose a work centre of {plant.name}.", field="work_centre")


def _check_when(plan: PlanInput) -> None:
    if plan.trigger not in Trigger.values:
        raise InvalidInput("Choose when it is checked.", field="trigger")
    if plan.trigger == Trigger.COUNT and not plan.first_piece and not plan.every_n:
        raise InvalidInput("Check the first piece, one in so many pieces, or both.", field="every_n")
    if plan.trigger == Trigger.TIME and not plan.every_min:
        raise InvalidInput("Enter after how many minutes it is checked again.", field="every_min")


def _check_characteristic(given: CharacteristicInput) -> None:
    if not given.name.strip():
        raise InvalidInput("Name what is measured or looked at.", field="name")
    if given.kind not in Characteristic.Kind.values:
        raise InvalidInput("Measured, or good or bad?", field="kind")
    if given.kind == Characteristic.Kind.ATTRIBUTE:
        return
    if given.lower is None and given.upper is None:
        raise InvalidInput("Enter a lower limit, an upper limit, or both.", field="lower")
    if given.lower is not None and given.upper is not None and given.lower >= given.upper:
        raise InvalidInput("The upper limit has to be above the lower one.", field="upper")
    if not 1 <= given.subgroup <= spc.LARGEST:
        raise InvalidInput(f"Take 1 to {spc.LARGEST} values at each check.", field="subgroup")
    if not 0 <= given.decimals <= 6:
        raise InvalidInput("Choose 0 to 6 decimals.", field="decimals")


def _hold(plan_id: int, expected_version: int | None = None) -> CheckPlan:
    rows = CheckPlan.objects.select_for_update(no_key=True, of=("self",)).select_related("plant")
    row = rows.order_by("pk").get(pk=plan_id)
    if expected_version is not None and row.version != expected_version:
        raise StaleVersion(f"{row} was changed meanwhile: look at it again.")
    return row


def _draft(plan_id: int, expected_version: int | None = None) -> CheckPlan:
    row = _hold(plan_id, expected_version)
    if row.state != State.DRAFT:
        raise CheckPlanFixed(
            f"{row} is {row.get_state_display().lower()} and stays as it is. Make a new version of it.",
            plan_id=row.pk,
        )
    return row
