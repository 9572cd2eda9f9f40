"""Viewsets of three lines: rows that a caller may read, and rows that a caller may edit."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.urls import NoReverseMatch, reverse
from rest_framework import filters, mixins
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from masterdata import records, rights
from masterdata.api.deeds import NoBody
from masterdata.api.endpoints import Endpoint, no_such_parameter, wrong_parameter
from masterdata.api.lists import FilterBackend, Pages
from masterdata.api.problems import VersionMissing
from masterdata.errors import NotAllowed


class RowDeeds(Endpoint, GenericViewSet):
    """Deeds on rows that another viewset lists: limited to what the caller may see by `view_deed`."""

    view_deed: ClassVar[str] = ""
    lookup_value_regex = r"[0-9]{1,18}"
    takes: Any = NoBody

    def get_queryset(self) -> QuerySet[Any]:
        """Rows that the caller may look at, whatever is to be done with them."""
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rights.visible_to(self.request.user, rows, self.view_deed)

    def get_object(self) -> Any:
        """The row; 404 when the caller may not see it, 403 when the caller sees it but may not do this there."""
        row = super().get_object()
        self._demand_deed(row.pk)
        return row

    def row_id(self) -> int:
        """The id of the row that the address names, refused as by `get_object`: for deeds that read it themselves."""
        pk = int(self.kwargs["pk"])
        if not self.get_queryset().filter(pk=pk).exists():
            raise NotFound
        self._demand_deed(pk)
        return pk

    def _demand_deed(self, pk: int) -> None:
        permission, user = self.permission_now(), self.request.user
        if permission == self.view_deed or rights.scope_of(user, permission) == rights.scope_of(user, self.view_deed):
            return
        same = self.get_queryset().model._default_manager.filter(pk=pk)
        if not rights.visible_to(user, same, permission).exists():
            raise NotAllowed("You lack the right for this in this plant.", deed=permission)

    def prepare(self, rows: list[Any]) -> list[Any]:
        """Add to the rows of one answer what takes a query of its own for all of them."""
        return rows

    def shown(self, serializer: type[Any], rows: Any, *, many: bool = False, status: int = 200) -> Response:
        """Something else than the viewset's own rows, by its serializer."""
        drawn = serializer(rows, many=many, context=self.get_serializer_context())
        return Response(drawn.data, status=status)

    def read_again(self, pk: int) -> Any:
        """A row that the caller has just changed, with everything that its serializer shows."""
        return self.prepare([self.get_queryset().get(pk=pk)])[0]

    def answer(self, row: Model | int, status: int = 200) -> Response:
        """A row as it stands now, read again with everything that its serializer shows."""
        pk = row.pk if isinstance(row, Model) else row
        serializer = self.get_serializer(self.read_again(pk))
        headers = {}
        if status == 201 and (address := self._address_of(pk)):
            headers["Location"] = address
        return Response(serializer.data, status=status, headers=headers)

    def _address_of(self, pk: int) -> str:
        """Where the row can be read; empty when this viewset only has deeds on rows that another one lists."""
        match = self.request.resolver_match
        space = f"{match.namespace}:" if match and match.namespace else ""
        try:
            return reverse(f"{space}{self.basename}-detail", args=[pk])
        except NoReverseMatch:
            return ""


class ReadableRows(mixins.ListModelMixin, mixins.RetrieveModelMixin, RowDeeds):
    """A list and its rows, limited to what the caller may see by `view_deed`.

    Declares queryset, serializer_class, view_deed; may declare filterset_fields, search_fields, ordering_fields.
    """

    pagination_class = Pages
    filter_backends = [FilterBackend, filters.SearchFilter, filters.OrderingFilter]
    filterset_fields: Any = ()
    search_fields: ClassVar[Any] = ()
    ordering_fields: ClassVar[Any] = ()

    @classmethod
    def permission_for(cls, name: str) -> str:
        if name in ("list", "retrieve"):
            return cls.permissions.get(name, cls.view_deed)
        return super().permission_for(name)

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        return None if rows is None else self.prepare(list(rows))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.get_serializer(self.prepare([self.get_object()])[0]).data)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.action == "list":
            self._check_parameters(queryset)
            return super().filter_queryset(queryset)
        return queryset

    def _check_parameters(self, queryset: QuerySet[Any]) -> None:
        """A parameter that would be ignored is refused: the answer would not be what was asked for."""
        asked = self.request.query_params
        known = {*self._filter_names(queryset), "page", "page_size"}
        known |= ({"search"} if self.search_fields else set()) | ({"ordering"} if self.ordering_fields else set())
        if unknown := [name for name in asked if name not in known]:
            raise no_such_parameter(unknown)
        fields = [name.strip().removeprefix("-") for name in asked.get("ordering", "").split(",") if name.strip()]
        if wrong := [name for name in fields if name not in self.ordering_fields]:
            choices = ", ".join(self.ordering_fields)
            raise wrong_parameter("ordering", f"There is no order by {wrong[0]}. Choose from: {choices}.")
        size = asked.get("page_size", "1")
        if not size.isdigit() or int(size) < 1:
            raise wrong_parameter("page_size", f"Expected a number from 1 to {Pages.max_page_size}, got {size}.")

    def _filter_names(self, queryset: QuerySet[Any]) -> list[str]:
        filterset = FilterBackend().get_filterset_class(self, queryset)
        return list(filterset.base_filters) if filterset else []


class EditableRows(ReadableRows):
    """Rows that may be made, changed (PATCH with If-Match) and deleted by `edit_deed`.

    Rows without rules of their own go through `masterdata.records`; a viewset of rows that have rules overrides
    `make`, `change` and `remove` with the services that know them.
    """

    edit_deed: ClassVar[str] = ""

    @classmethod
    def permission_for(cls, name: str) -> str:
        if name in ("create", "partial_update", "destroy"):
            return cls.permissions.get(name, cls.edit_deed)
        return super().permission_for(name)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return self.answer(self.make(serializer.validated_data), status=201)

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        version = self._version_of(row)
        serializer = self.get_serializer(row, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        return self.answer(self.change(row, serializer.validated_data, version))

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        self.remove(row, self._version_of(row))
        return Response(status=204)

    def make(self, values: dict[str, Any]) -> Model:
        return records.create_record(model=self.get_queryset().model, values=values)

    def change(self, row: Any, values: dict[str, Any], expected_version: int | None) -> Model:
        return records.change_record(record=row, values=values, expected_version=expected_version)

    def remove(self, row: Any, expected_version: int | None) -> None:
        records.delete_record(record=row, expected_version=expected_version)

    def _version_of(self, row: Any) -> int | None:
        """The version that the caller changes; rows that count versions are not changed blindly."""
        version = self.expected_version()
        if hasattr(row, "version") and version is None:
            raise VersionMissing("Send the row's ETag as If-Match, so that nobody's change is overwritten.")
        return version
