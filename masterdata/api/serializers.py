"""Bodies and rows as JSON: unknown fields are refused, foreign keys reach only what the caller may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from masterdata import rights
from masterdata.access import may


class Visible(serializers.PrimaryKeyRelatedField):
    """A row by its id; one that the caller may not see is as unknown as one that never was."""

    def get_queryset(self) -> QuerySet[Any] | None:
        rows = super().get_queryset()
        request = self.context.get("request")
        if rows is None or request is None:
            return rows
        return rights.visible_to(request.user, rows, self.context["view"].permission_now())


class Body(serializers.Serializer):
    """What a deed takes. A field that it does not know is a 400: a misspelt field must not be lost in silence."""

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

    serializer_related_field = Visible
    needs: ClassVar[Mapping[str, str]] = {}

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        request = self.context.get("request")
        if request is not None:
            for name, deed in getattr(self.Meta, "needs", {}).items():
                if not may(request.user, deed):
                    fields.pop(name, None)
        if self.instance is not None and not self._is_list():
            for name in getattr(self.Meta, "fixed", ()):
                fields[name].read_only = True
        return fields

    def _is_list(self) -> bool:
        return isinstance(self.parent, serializers.ListSerializer)

    class Meta:
        model: ClassVar[Any] = None
        fields: ClassVar[Any] = ()


def _refusal(field: serializers.Field | None) -> ErrorDetail:
    if field is None:
        return ErrorDetail("There is no such field.", code="unknown_field")
    return ErrorDetail("This field is not written here.", code="read_only")
