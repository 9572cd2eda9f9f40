"""The list page: search, filters as chips, sort, paging, export, totals, live refresh, and what an empty list says."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, ClassVar

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.db.models.query import ModelIterable
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext as _

from masterdata.access import Guarded
from masterdata.markup import escaped
from masterdata.pages import exports
from masterdata.pages.actions import Action, Empty, offered
from masterdata.pages.columns import Column
from masterdata.pages.filters import Choice, Filter, chips, without
from masterdata.pages.zones import plant_of, plant_time
from masterdata.search import words_in

ROWS = (20, 50, 80, 200)
"""How many rows a page of a list may have; the address says it as `rows`."""
MANY = 1000
"""From so many rows on a page's keys are found first, sorted without all that its columns need."""


@dataclass(frozen=True, slots=True)
class View:
    """A ready-made question above the list: `params` is what it puts in the address ("late=1&sort=due")."""

    key: str
    label: Any
    params: str = ""
    count: int | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """A column head: the address that sorts by it and how it is sorted now ("ascending", "descending" or empty)."""

    column: Column
    url: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the table draws it."""

    object: Any
    url: str
    cells: list[tuple[Column, Any]]
    css: str

    @property
    def drawn(self) -> SafeString:
        """The row as HTML; in Python, because a template takes five times as long for hundreds of cells."""
        url, cells = escaped(self.url), []
        for column, cell in self.cells:
            inner = escaped(cell)
            if column.link and url:
                inner = SafeString(f'<a class="row-link" href="{url}">{inner}</a>')
            cells.append(f'<td class="{column.classes}">{inner}</td>')
        goes_to = f' data-url="{url}"' if url else ""
        return SafeString(f'<tr class="{escaped(self.css)}"{goes_to}>{"".join(cells)}</tr>')


class ListPage(Guarded):
    """A list of rows. A page declares its columns and where its rows come from; the rest is here.

    `get_rows` returns the queryset limited to what the user may see, with everything its columns need joined; `prepare`
    may add to the rows of one page what takes a query of its own. The page and its part (for htmx) are the same view.
    """

    title: ClassVar[Any] = ""
    question: ClassVar[Any] = ""
    columns: ClassVar[Sequence[Column]] = ()
    search_fields: ClassVar[Sequence[str]] = ()
    filters: ClassVar[Sequence[Filter]] = ()
    order_by: ClassVar[str] = "pk"
    page_size: ClassVar[int] = 50
    live: ClassVar[Sequence[str]] = ()
    plant: ClassVar[str] = "plant_id"  # where a row's plant is: its times are in that plant's zone
    empty: ClassVar[Empty] = Empty("")
    list_id: ClassVar[str] = "list"
    template_name: ClassVar[str] = "pages/list.html"
    part_name: ClassVar[str] = "pages/_list.html"
    rows_name: ClassVar[str] = "pages/_list_rows.html"

    # What a page declares or overrides ---------------------------------------------------------------------------

    @abstractmethod
    def get_rows(self) -> QuerySet[Any]: ...

    def get_columns(self) -> Sequence[Column]:
        """The columns for this user (leave out what the role may not see)."""
        return self.columns

    def get_views(self) -> Sequence[View]:
        return ()

    def get_actions(self) -> list[Action]:
        return []

    def get_url(self, row: Any) -> str:
        """The page of a row."""
        return row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""

    def get_row_css(self, row: Any) -> str:
        return ""

    def get_totals(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """Totals of the whole filter by column key; each costs nothing more than one aggregate query."""
        return {}

    def prepare(self, rows: list[Any]) -> list[Any]:
        return rows

    # How it works ------------------------------------------------------------------------------------------------

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = self.found()
        wish = request.GET.get("export", "")
        if wish in ("csv", "xlsx"):
            return self.export(rows, wish)
        answer = render(request, self._template(), self.get_context_data(rows))
        answer["Vary"] = "HX-Request, HX-Target"
        return answer

    def _template(self) -> str:
        """The page; its part where htmx puts it in; only the rows where it wants no more (search, paging, live)."""
        headers = self.request.headers
        if headers.get("HX-Target") == f"{self.list_id}-rows":
            return self.rows_name
        is_part = "HX-Request" in headers and "HX-Boosted" not in headers
        return self.part_name if is_part else self.template_name

    def found(self) -> QuerySet[Any]:
        """The rows after search, filters and sorting."""
        asked = self.request.GET
        rows = self.get_rows()
        if (text := asked.get("q", "").strip()) and self.search_fields:
            rows = rows.filter(words_in(self.search_fields, text))
        for one in self.filters:
            rows = one.apply(rows, asked)
        return rows.order_by(*self.ordering())

    def ordering(self) -> list[Any]:
        name, is_descending = self.sorting()
        order = F(name).desc(nulls_last=True) if is_descending else F(name).asc(nulls_last=True)
        return [order, "-pk" if is_descending else "pk"]

    def rows_a_page(self) -> int:
        """As many as asked for, when that is one of `ROWS`."""
        wish = self.request.GET.get("rows", "")
        return int(wish) if wish in map(str, ROWS) else self.page_size

    def sorting(self) -> tuple[str, bool]:
        """The field to sort by; only declared ones are listened to."""
        wish = self.request.GET.get("sort", "")
        allowed = {column.sort for column in self.get_columns() if column.sort}
        chosen = wish if wish.removeprefix("-") in allowed else self.order_by
        return chosen.removeprefix("-"), chosen.startswith("-")

    def get_context_data(self, rows: QuerySet[Any]) -> dict[str, Any]:
        asked = self.request.GET
        columns = self.get_columns()
        size = self.rows_a_page()
        page = Paginator(rows, size).get_page(asked.get("page"))
        totals = self.get_totals(rows) if page.paginator.count else {}
        active = chips(self.filters, asked)
        around: dict[str, Any] = {}
        if self._template() != self.rows_name:
            around = {
                "question": self.question,
                "views": self._views(),
                "actions": offered(self.get_actions(), self.request.user),
                "filters": self._filters(),
            }
        return around | {
            "page_title": self.title,
            "list_id": self.list_id,
            "heads": [self._head(column) for column in columns],
            "rows": self._rows(rows, page, columns),
            "page": page,
            "pages": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
            "sizes": [(one, one == size) for one in ROWS] if page.paginator.count > ROWS[0] else [],
            "totals": [(column, totals.get(column.key)) for column in columns] if totals else [],
            "chips": active,
            "is_searched": bool(active or asked.get("q")),
            "text": asked.get("q", ""),
            "empty": self.empty,
            "live": " ".join(self.live),
            "trigger": ", ".join(f"live:{topic} from:body" for topic in self.live),
            "kept": {name: asked.getlist(name) for name in asked if name not in ("q", "page", "export")},
            "params": without(asked),
            "can_search": bool(self.search_fields),
        }

    def export(self, rows: QuerySet[Any], wish: str) -> HttpResponseBase:
        columns = [column for column in self.get_columns() if column.exported]
        heads = [str(column.label) for column in columns]
        name = slugify(str(self.title)) or "list"
        lines = self._plain(rows, columns)
        return exports.as_csv(name, heads, lines) if wish == "csv" else exports.as_xlsx(name, heads, lines)

    def _plain(self, rows: QuerySet[Any], columns: list[Column]) -> Iterable[list[Any]]:
        """Some rows at a time; the last line says when there were more than a file takes."""
        found = rows[: exports.MOST_ROWS + 1].iterator(chunk_size=exports.AT_ONCE)
        count = 0
        while some := list(islice(found, exports.AT_ONCE)):
            for plant_id, group in self._by_plant(self.prepare(some[: exports.MOST_ROWS - count])):
                with plant_time(self.request, plant_id):
                    yield from ([column.plain(row) for column in columns] for row in group)
            count += len(some)
        if count > exports.MOST_ROWS:
            yield [_("Cut off after %(count)s rows: filter the list for the rest.") % {"count": exports.MOST_ROWS}]

    def _rows(self, rows: QuerySet[Any], page: Page[Any], columns: Sequence[Column]) -> list[Row]:
        found = []
        for plant_id, group in self._by_plant(self.prepare(_of_page(rows, page))):
            with plant_time(self.request, plant_id):
                for row in group:
                    cells = [(column, column.cell(row)) for column in columns]
                    found.append(Row(row, self.get_url(row), cells, self.get_row_css(row)))
        return found

    def _by_plant(self, rows: Iterable[Any]) -> Iterable[tuple[int | None, Iterable[Any]]]:
        """Neighbours of one plant together, for its time zone."""
        return groupby(rows, lambda row: plant_of(row, self.plant))

    def _head(self, column: Column) -> Head:
        if not column.sort:
            return Head(column, "", "")
        name, is_descending = self.sorting()
        is_sorted = name == column.sort
        params = self.request.GET.copy()
        params.pop("page", None)
        params["sort"] = f"-{column.sort}" if is_sorted and not is_descending else column.sort
        now = ("descending" if is_descending else "ascending") if is_sorted else ""
        return Head(column, "?" + params.urlencode(), now)

    def _filters(self) -> list[dict[str, Any]]:
        asked = self.request.GET
        return [
            {
                "filter": one,
                "options": [(v, label, v in asked.getlist(one.key)) for v, label in one.options()]
                if isinstance(one, Choice)
                else [],
                "values": [(name, asked.get(name, "")) for name in one.names],
            }
            for one in self.filters
        ]

    def _views(self) -> list[tuple[View, bool]]:
        views = self.get_views()
        asked = without(self.request.GET, "rows")
        exact = [view for view in views if view.params == asked]
        return [(view, view in exact) for view in views]


def _of_page(rows: QuerySet[Any], page: Page[Any]) -> list[Any]:
    """The page's rows. Among many, their keys are found first, so that only these take all the joins of the columns."""
    query = rows.query
    is_plain = rows._iterable_class is ModelIterable and not query.combinator and not query.distinct
    over = any(getattr(one, "contains_over_clause", False) for one in query.annotations.values())
    if page.paginator.count < MANY or over or not is_plain:
        return list(page.object_list)
    keys = list(rows[page.start_index() - 1 : page.end_index()].values_list("pk", flat=True))
    by_key = {row.pk: row for row in rows.filter(pk__in=keys).order_by()}
    return [by_key[key] for key in keys if key in by_key]
