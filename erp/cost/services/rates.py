"""Setting rates: a new one holds from its day until the next, and ends the one before."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Model, Q

from erp.cost.models import HourRate, OverheadRule, PieceRate
from masterdata.errors import InvalidInput
from masterdata.models import Company, LabourGrade, Machine, Material, Plant, WorkCentre


@transaction.atomic
def set_hour_rate(
    *,
    kind: str,
    per_hour: Decimal,
    valid_from: dt.date,
    work_centre: WorkCentre | None = None,
    machine: Machine | None = None,
    grade: LabourGrade | None = None,
    plant: Plant | None = None,
) -> HourRate:
    """Say what an hour costs from a day on: of a work centre, of one machine, or of a grade in a `plant`.

    What was reported before keeps its cost. The same day again changes that rate. Locks the plant. Raises InvalidInput.
    """
    if sum(one is not None for one in (work_centre, machine, grade)) != 1:
        raise InvalidInput("Name one work centre, one machine or one labour grade.", field="work_centre")
    if (machine and kind != HourRate.Kind.MACHINE) or (grade and kind != HourRate.Kind.LABOUR):
        raise InvalidInput("A machine has a machine rate, a grade a labour rate.", field="kind")
    where = plant if grade else (machine.work_centre if machine else work_centre)
    if where is None:
        raise InvalidInput("Say in which plant the grade costs this.", field="plant")
    _check(per_hour, "per_hour")
    plant_id = where.pk if isinstance(where, Plant) else where.plant_id
    Plant.objects.select_for_update(no_key=True).order_by("pk").get(pk=plant_id)
    of = {"kind": kind, "plant_id": plant_id, "work_centre": work_centre, "machine": machine, "grade": grade}
    return _put(HourRate, of, {"per_hour": per_hour}, valid_from)


@transaction.atomic
def set_overhead(
    *,
    basis: str,
    value: Decimal,
    valid_from: dt.date,
    company: Company,
    plant: Plant | None = None,
    work_centre: WorkCentre | None = None,
) -> OverheadRule:
    """Say what overhead comes on top from a day on, in the company, a plant or a work centre; the narrowest holds.

    Locks the company. Raises InvalidInput.
    """
    plant = work_centre.plant if work_centre else plant
    if plant is not None and plant.company_id != company.pk:
        raise InvalidInput(f"{plant.name} belongs to another company.", field="plant")
    _check(value, "value")
    Company.objects.select_for_update(no_key=True).order_by("pk").get(pk=company.pk)
    of = {"basis": basis, "company": company, "plant": plant, "work_centre": work_centre}
    return _put(OverheadRule, of, {"value": value}, valid_from)


@transaction.atomic
def set_piece_rate(
    *,
    work_centre: WorkCentre,
    per_piece: Decimal,
    valid_from: dt.date,
    material: Material | None = None,
    operation: str = "",
    grade: LabourGrade | None = None,
) -> PieceRate:
    """Say what a good piece pays from a day on those who work by the piece; the narrowest rate holds.

    What was reported before keeps its cost. The same day again changes that rate. Locks the plant. Raises InvalidInput.
    """
    _check(per_piece, "per_piece")
    Plant.objects.select_for_update(no_key=True).order_by("pk").get(pk=work_centre.plant_id)
    of = {
        "plant_id": work_centre.plant_id,
        "work_centre": work_centre,
        "material": material,
        "operation": operation.strip(),
        "grade": grade,
    }
    return _put(PieceRate, of, {"per_piece": per_piece}, valid_from)


def _put(model: type[Model], of: dict[str, Any], figure: dict[str, Decimal], valid_from: dt.date) -> Any:
    rows = model._default_manager.filter(**{name: value for name, value in of.items() if value is not None})
    rows = rows.filter(**{f"{name}__isnull": True for name, value in of.items() if value is None})
    same = rows.filter(valid_from=valid_from).first()
    if same is not None:
        rows.filter(pk=same.pk).update(**figure)
        same.refresh_from_db()
        return same
    later = rows.filter(valid_from__gt=valid_from).order_by("valid_from").values_list("valid_from", flat=True).first()
    before = rows.filter(valid_from__lt=valid_from).filter(Q(valid_until=None) | Q(valid_until__gte=valid_from))
    before.update(valid_until=valid_from - dt.timedelta(days=1))
    until = later - dt.timedelta(days=1) if later else None
    return model._default_manager.create(**of, **figure, valid_from=valid_from, valid_until=until)


def _check(figure: Decimal, field: str) -> None:
    if figure < 0:
        raise InvalidInput("Enter zero or more.", field=field)
