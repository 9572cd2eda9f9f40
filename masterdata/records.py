"""Plain master data: rows without rules of their own are written here; whatever has rules has a service of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError, RestrictedError

from masterdata.errors import InvalidInput, Refusal, StaleVersion

M = TypeVar("M", bound=Model)


class InUse(Refusal):
    """Other rows point to this one."""

    code = "in_use"


@transaction.atomic
def create_record(*, model: type[M], values: Mapping[str, Any]) -> M:
    """A new row; raises InvalidInput with every finding of the model's fields and constraints."""
    many, plain = _split(model, values)
    record = model(**plain)
    _save(record)
    for name, rows in many.items():
        getattr(record, name).set(rows)
    return record


@transaction.atomic
def change_record(*, record: M, values: Mapping[str, Any], expected_version: int | None = None) -> M:
    """The row with new values, under its lock; a row that counts versions counts one more.

    Raises StaleVersion when somebody was faster, InvalidInput with every finding.
    """
    many, plain = _split(type(record), values)
    locked = _locked(record, expected_version)
    for name, value in plain.items():
        setattr(locked, name, value)
    if hasattr(locked, "version"):
        locked.version += 1
    _save(locked)
    for name, rows in many.items():
        getattr(locked, name).set(rows)
    return locked


@transaction.atomic
def delete_record(*, record: Model, expected_version: int | None = None) -> None:
    """Take the row away; raises InUse while others point to it."""
    locked = _locked(record, expected_version)
    try:
        locked.delete()
    except (ProtectedError, RestrictedError) as error:
        first = next(iter(getattr(error, "protected_objects", None) or error.restricted_objects))  # type: ignore[union-attr]
        kind = str(first._meta.verbose_name)
        raise InUse(f"It is still used by a {kind}. Deactivate it instead.", used_by=kind) from None


def invalid_input(error: ValidationError) -> InvalidInput:
    """A model's own findings (full_clean) as a refusal that lists the fields."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    errors = [
        {"field": "" if name == "__all__" else name, "code": "invalid", "detail": message}
        for name, messages in by_field.items()
        for message in messages
    ]
    return InvalidInput(errors[0]["detail"], field=errors[0]["field"], errors=errors)


def _locked(record: M, expected_version: int | None) -> M:
    locked = type(record)._default_manager.order_by("pk").select_for_update(of=("self",)).get(pk=record.pk)
    if expected_version is not None and getattr(locked, "version", expected_version) != expected_version:
        raise StaleVersion(
            "Somebody else changed this meanwhile. Read it again, then send your change with the new version.",
            version=locked.version,  # type: ignore[attr-defined]
        )
    return locked


def _save(record: Model) -> None:
    try:
        record.full_clean()
        with transaction.atomic():
            record.save()
    except ValidationError as error:
        raise invalid_input(error) from None
    except IntegrityError as error:
        raise contradicted(error) from None


def contradicted(error: IntegrityError) -> InvalidInput:
    """What the database refused: in the words of the trigger that did, else in general ones."""
    diag = getattr(error.__cause__, "diag", None)
    if diag is not None and diag.source_function == "exec_stmt_raise":
        return InvalidInput(str(diag.message_primary), field=diag.column_name or "", constraint=_constraint(error))
    return InvalidInput("These values contradict other rows. Read them again.", constraint=_constraint(error))


def _constraint(error: IntegrityError) -> str:
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or "")


def _split(model: type[Model], values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Many-to-many values apart: they are set after the row exists."""
    many = {field.name for field in model._meta.many_to_many}
    return (
        {name: value for name, value in values.items() if name in many},
        {name: value for name, value in values.items() if name not in many},
    )
