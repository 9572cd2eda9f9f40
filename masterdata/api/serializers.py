"""Bodies and rows as JSON: unknown fields are refused, foreign keys reach only what the caller may see."""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from django.db import models
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from masterdata import rights
from masterdata.access import may

T = TypeVar("T")
EARLIEST, LATEST = 2000, 2100


class Visible(serializers.PrimaryKeyRelatedField):
    """A row by its id; one that the caller may not see is as unknown as one that never was."""

    def get_queryset(self) -> QuerySet[Any]:
        return visible_rows(self, super().get_queryset())


class VisibleCode(serializers.SlugRelatedField):
    """A row by its code; one that the caller may not see is as unknown as one that never was."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="code", **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        return visible_rows(self, super().get_queryset())


def visible_rows(field: serializers.Field, rows: Any) -> Any:
    """What of `rows` the caller may name in the request at hand; all of them while the interface is described."""
    request = field.context.get("request")
    if rows is None or request is None:
        return rows
    return rights.visible_to(request.user, rows, field.context["view"].permission_now())


class Amount(serializers.DecimalField):
    """A quantity or a price: a string (or number) with up to six decimals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=18, decimal_places=6, **kwargs)


class Day(serializers.DateField):
    """A date that a factory can mean."""

    def to_internal_value(self, value: Any) -> dt.date:
        day: dt.date = super().to_internal_value(value)
        return _meant(day, day.year)


OFFSET = re.compile(r"(Z|[+-]\d{2}:?(\d{2})?)$", re.IGNORECASE)


class Moment(serializers.DateTimeField):
    """A time with its offset that a factory can mean, as aware UTC."""

    def to_internal_value(self, value: Any) -> dt.datetime:
        if isinstance(value, str) and len(value.strip()) <= len("2026-12-31"):
            raise ValidationError("Give the time of day too, with its offset: 2026-12-31T14:30:00+01:00.", "no_time")
        if isinstance(value, str) and not OFFSET.search(value.strip()):
            raise ValidationError("Give the time with its offset: 2026-12-31T14:30:00+01:00.", "no_offset")
        moment: dt.datetime = super().to_internal_value(value)
        return _meant(moment, moment.year)


def _meant(value: T, year: int) -> T:
    if not EARLIEST <= year <= LATEST:
        raise ValidationError(f"Give a year from {EARLIEST} to {LATEST}.", code="out_of_range")
    return value


class Body(serializers.Serializer):
    """What a deed takes. A field that it does not know is a 400: a misspelt field must not be lost in silence.

    `called` names fields that the service calls otherwise: what it refuses is said of the field that was sent.
    """

    called: ClassVar[Mapping[str, str]] = {}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            refused = {name: _refusal(self.fields.get(name)) for name in data if self._is_unwritable(name)}
            if refused:
                raise ValidationError(refused)
        return super().to_internal_value(data)

    def _is_unwritable(self, name: Any) -> bool:
        return name not in self.fields or self.fields[name].read_only


class Row(Body, serializers.ModelSerializer):
    """A model's row. In Meta, besides DRF's own: `needs` (field -> deed that may see and write it) and `fixed` (fields
    that are set when the row is made and never changed)."""

    _built: ClassVar[dict[str, serializers.Field]]
    serializer_related_field = Visible
    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.DateField: Day,
        models.DateTimeField: Moment,
    }

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = self._fields_built_once()
        request = self.context.get("request")
        if request is not None:
            for name, deed in getattr(self.Meta, "needs", {}).items():
                if not may(request.user, deed):
                    fields.pop(name, None)
        if self.instance is not None and not self._is_list():
            for name in getattr(self.Meta, "fixed", ()):
                fields[name].read_only = True
        return fields

    def _fields_built_once(self) -> dict[str, serializers.Field]:
        """A copy of the fields as they follow from model and Meta: looking those up takes longer than a query."""
        known = vars(type(self)).get("_built")
        if known is None:
            known = type(self)._built = super().get_fields()
        return {name: _copied(field) for name, field in known.items()}

    def _is_list(self) -> bool:
        return isinstance(self.parent, serializers.ListSerializer)

    class Meta:
        model: ClassVar[Any] = None
        fields: ClassVar[Any] = ()


def _copied(field: Any) -> serializers.Field:
    """A field of the same making. DRF also copies what it was made with, querysets above all; only children need it."""
    made_with = field._kwargs
    if isinstance(field, serializers.BaseSerializer) or made_with.keys() & {"child", "child_relation", "default"}:
        return copy.deepcopy(field)
    copied: serializers.Field = type(field)(*field._args, **made_with)
    return copied


def _refusal(field: serializers.Field | None) -> ErrorDetail:
    if field is None:
        return ErrorDetail("There is no such field.", code="unknown_field")
    return ErrorDetail("This field is not written here.", code="read_only")
