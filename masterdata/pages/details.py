"""Pages about one row: the generic detail page, and the document page with rail, tabs and timeline."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from masterdata.access import Guarded
from masterdata.line import Station
from masterdata.pages.actions import Action, Happening, Tab, offered
from masterdata.pages.columns import Column
from masterdata.pages.zones import plant_of, plant_time


@dataclass(frozen=True, slots=True)
class Card:
    """A card of facts about the row: a heading and the fields under it."""

    title: Any
    fields: Sequence[Column]


class OneRow(Guarded):
    """A page about one row that the user may see; another company's row is as missing as one that never was."""

    slug_field: ClassVar[str] = "pk"
    slug_kwarg: ClassVar[str] = "pk"

    @abstractmethod
    def get_rows(self) -> QuerySet[Any]:
        """What the user may see, with what the page needs joined."""

    def get_object(self) -> Any:
        if not hasattr(self, "_object"):
            self._object = get_object_or_404(self.get_rows(), **{self.slug_field: self.kwargs[self.slug_kwarg]})
        return self._object


class DetailPage(OneRow):
    """Header, cards of fields, tabs and actions for one row."""

    live: ClassVar[Sequence[str]] = ()
    plant: ClassVar[str] = "plant_id"  # where the row's plant is: the page's times are in that plant's zone
    template_name: ClassVar[str] = "pages/detail.html"

    def get_title(self, row: Any) -> Any:
        """The number or code."""
        return str(row)

    def get_subtitle(self, row: Any) -> Any:
        return ""

    def get_back(self, row: Any) -> tuple[Any, str] | None:
        """The list that this row belongs to: its label and address."""
        return None

    def get_state(self, row: Any) -> tuple[str, Any] | None:
        """The state's stable value and its word."""
        return None

    def get_cards(self, row: Any) -> Sequence[Card]:
        return ()

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return ()

    def get_actions(self, row: Any) -> list[Action]:
        return []

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        return ()

    def get_context_data(self, row: Any) -> dict[str, Any]:
        tabs = list(self.get_tabs(row))
        asked = self.request.GET.get("tab", "")
        tab = next((one for one in tabs if one.key == asked), tabs[0] if tabs else None)
        return {
            "object": row,
            "page_title": self.get_title(row),
            "subtitle": self.get_subtitle(row),
            "back": self.get_back(row),
            "state": self.get_state(row),
            "cards": [(card, [(one, one.cell(row)) for one in card.fields]) for card in self.get_cards(row)],
            "tabs": tabs,
            "tab": tab,
            "actions": offered(self.get_actions(row), self.request.user),
            "timeline": self.get_timeline(row),
            "trigger": ", ".join(f"live:{topic} from:body" for topic in self.live),
        }

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row = self.get_object()
        with plant_time(request, plant_of(row, self.plant)):
            return render(request, self.template_name, self.get_context_data(row))


class DocumentPage(DetailPage):
    """A document that travels the line: the rail stands under its header, "now at ..." under the rail."""

    template_name: ClassVar[str] = "pages/document.html"

    def get_stations(self, row: Any) -> Sequence[Station]:
        return ()

    def get_now(self, row: Any) -> Any:
        """One sentence: where it is now."""
        return ""

    def get_dates(self, row: Any) -> tuple[Any, Any] | None:
        """Promised and expected."""
        return None

    def get_why(self, row: Any) -> str:
        """Where the chain behind the expected date is asked; empty: there is none."""
        return ""

    def get_context_data(self, row: Any) -> dict[str, Any]:
        return super().get_context_data(row) | {
            "why_url": self.get_why(row),
            "stations": self.get_stations(row),
            "now_sentence": self.get_now(row),
            "dates": self.get_dates(row),
        }
