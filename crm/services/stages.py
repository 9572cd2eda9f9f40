"""Stages of the pipeline and reasons for losing: kept as rows that people change."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from crm.models import LostReason, Opportunity, Stage
from masterdata import live
from masterdata.errors import InvalidInput, Refusal, StaleVersion

USUAL_STAGES = (
    ("New", "open", 10),
    ("Qualified", "open", 25),
    ("Offered", "open", 50),
    ("Negotiated", "open", 75),
    ("Won", "won", 100),
    ("Lost", "lost", 0),
)
USUAL_REASONS = (
    ("PRICE", "Price"),
    ("DATE", "Delivery date"),
    ("PRODUCT", "Product does not fit"),
    ("COMPETITOR", "Bought elsewhere"),
    ("NO-NEED", "No need any more"),
    ("NO-ANSWER", "No answer"),
)


class StageInUse(Refusal):
    """Opportunities stand in it."""

    code = "stage_in_use"


class OneStageOfItsKind(Refusal):
    """There is one stage for what is won and one for what is lost."""

    code = "one_stage_of_its_kind"


class NameTaken(Refusal):
    """Another stage or reason has the name or code."""

    code = "name_taken"


@dataclass(frozen=True)
class StageInput:
    """A stage as it shall be; the probability of what is won is 100, of what is lost 0."""

    name: str
    probability: int
    place: int
    kind: str = Stage.Kind.OPEN
    is_active: bool = True


@transaction.atomic
def lay_down_stages() -> list[Stage]:
    """The usual stages and reasons, where there are none yet; the stages in use, in their order."""
    if not Stage.objects.exists():
        Stage.objects.bulk_create(
            [
                Stage(name=name, kind=kind, probability=probability, place=10 * place)
                for place, (name, kind, probability) in enumerate(USUAL_STAGES, start=1)
            ],
            ignore_conflicts=True,
        )
    if not LostReason.objects.exists():
        LostReason.objects.bulk_create(
            [LostReason(code=code, name=name) for code, name in USUAL_REASONS], ignore_conflicts=True
        )
    return list(Stage.objects.filter(is_active=True).order_by("place", "pk"))


@transaction.atomic
def create_stage(*, stage: StageInput) -> Stage:
    """Another column. Raises NameTaken, OneStageOfItsKind, InvalidInput."""
    lay_down_stages()
    _check(stage, None)
    row = Stage.objects.create(
        name=stage.name.strip(),
        kind=stage.kind,
        probability=_probability(stage),
        place=stage.place,
        is_active=stage.is_active,
    )
    live.publish("opportunity", "stages")
    return row


@transaction.atomic
def change_stage(*, stage_id: int, stage: StageInput, expected_version: int | None = None) -> Stage:
    """Change a column; all that stands in it counts with the new probability. Locks the stage.

    Raises StageInUse, OneStageOfItsKind, NameTaken, StaleVersion.
    """
    row = Stage.objects.order_by("pk").select_for_update().get(pk=stage_id)
    if expected_version is not None and row.version != expected_version:
        raise StaleVersion(f"{row.name} was changed meanwhile. Look at it again, then decide.", version=row.version)
    _check(stage, row)
    row.name, row.kind, row.probability = stage.name.strip(), stage.kind, _probability(stage)
    row.place, row.is_active = stage.place, stage.is_active
    row.version += 1
    row.save()
    live.publish("opportunity", "stages")
    return row


@transaction.atomic
def write_lost_reason(
    *,
    code: str,
    name: str,
    is_active: bool = True,
    reason_id: int | None = None,
    expected_version: int | None = None,
) -> LostReason:
    """A reason for losing, new or changed. Locks the reason. Raises NameTaken, StaleVersion."""
    row = LostReason() if reason_id is None else LostReason.objects.order_by("pk").select_for_update().get(pk=reason_id)
    if expected_version is not None and row.version != expected_version:
        raise StaleVersion(f"{row.name} was changed meanwhile. Look at it again, then decide.", version=row.version)
    if not code.strip() or not name.strip():
        raise InvalidInput("Give it a code and a name.", field="name" if code.strip() else "code")
    if LostReason.objects.filter(code__iexact=code.strip()).exclude(pk=row.pk).exists():
        raise NameTaken(f"There is a reason {code.strip()} already: change that one.", field="code")
    row.code, row.name, row.is_active = code.strip().upper(), name.strip(), is_active
    row.version += 0 if row.pk is None else 1
    row.save()
    return row


def reason_of(reason_id: int | None, field: str = "lost_reason") -> LostReason:
    """A reason in use. Raises InvalidInput."""
    reason = LostReason.objects.filter(pk=reason_id or 0, is_active=True).first()
    if reason is None:
        raise InvalidInput("Choose why it was lost.", field=field)
    return reason


def _probability(stage: StageInput) -> int:
    return {Stage.Kind.WON.value: 100, Stage.Kind.LOST.value: 0}.get(stage.kind, stage.probability)


def _check(stage: StageInput, row: Stage | None) -> None:
    own = row.pk if row else 0
    if not stage.name.strip():
        raise InvalidInput("Give the stage a name.", field="name")
    if Stage.objects.filter(name__iexact=stage.name.strip()).exclude(pk=own).exists():
        raise NameTaken(f"There is a stage {stage.name.strip()} already: change that one.", field="name")
    if stage.kind not in Stage.Kind.values:
        raise InvalidInput("Choose what being in this stage means.", field="kind")
    if stage.kind == Stage.Kind.OPEN and not 0 <= stage.probability <= 99:
        raise InvalidInput("What is open is won with 0 to 99 percent.", field="probability")
    _check_kinds(stage, row)
    if row and (not stage.is_active or stage.kind != row.kind):
        held = Opportunity.objects.filter(stage=row).count()
        if held:
            raise StageInUse(
                f"{held} opportunities are in {row.name}: move them to another stage first.",
                field="is_active" if not stage.is_active else "kind",
                opportunities=held,
            )


def _check_kinds(stage: StageInput, row: Stage | None) -> None:
    """One stage in use for what is won, one for what is lost, and at least one for what is open."""
    others = Stage.objects.filter(is_active=True).exclude(pk=row.pk if row else 0)
    if stage.kind != Stage.Kind.OPEN and stage.is_active and others.filter(kind=stage.kind).exists():
        word = Stage.Kind(stage.kind).label.lower()
        raise OneStageOfItsKind(f"There is a stage for what is {word} already: change that one.", field="kind")
    leaves = row is not None and row.is_active and not (stage.is_active and stage.kind == row.kind)
    if row is not None and leaves and not others.filter(kind=row.kind).exists():
        word = row.get_kind_display().lower()
        raise OneStageOfItsKind(f"{row.name} is the only stage for what is {word}: keep it.", field="kind")
