"""Count sheets: the list, a new one, the review of one with its differences, posting and dropping it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.sales.services import shortages
from erp.stock import counting
from erp.stock.models import CountSheet
from erp.stockroom import counted
from erp.stockroom.count_forms import CountSheetForm
from masterdata.access import may, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.models import Plant, User
from masterdata.pages import (
    Action,
    Card,
    Code,
    Column,
    CreatePage,
    DeedView,
    DetailPage,
    Empty,
    Flag,
    ListPage,
    Number,
    State,
    Tab,
    View,
    When,
    YesNo,
)

SEE, COUNT, APPROVE = "erp.view_stock", "erp.count_stock", "erp.approve_count"


def word(row: Any) -> Any:
    """The state in words."""
    return {
        "posted": _("Posted"),
        "dropped": _("Dropped"),
        "counting": _("To be counted"),
        "review": _("To be posted"),
    }[counted.stage(row)[1]]


def what(row: Any) -> str:
    """What is counted."""
    return ", ".join(str(one.name) for one in (row.location, row.material) if one)


class CountSheets(ListPage):
    """What is counted, how far it is, what waits to be posted."""

    permission = SEE
    title, question = _l("Counts"), _l("What is counted, and what waits to be posted?")
    columns = [
        Code("number", _l("Sheet"), sort="number", link=True, css="w-1"),
        Column(what, _l("What"), css="wide"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        Number("counted", _l("Counted")),
        Number("line_count", _l("Places")),
        State(lambda row: counted.stage(row)[0], _l("State"), word=word),
        When("made_at", _l("Made"), sort="made_at"),
        When("posted_at", _l("Posted"), sort="posted_at", empty=_l("Not posted")),
    ]
    search_fields = ["number", "location__code", "location__name", "material__code", "material__name"]
    filters = [
        Flag("open", _l("Open"), condition=Q(posted_at=None, dropped_at=None)),
        Flag("review", _l("To be posted"), condition=Q(posted_at=None, dropped_at=None, counted=F("line_count"))),
        Flag("posted", _l("Posted"), condition=Q(posted_at__isnull=False)),
    ]
    order_by = "-number"
    live = ["stock"]
    empty = Empty(_l("Nothing is counted"), _l("Make a sheet for a location or a material."), "clipboard-check")

    def get_rows(self) -> QuerySet[Any]:
        return in_chosen_plant(self.request, counted.sheets(self.request.user))

    def get_views(self) -> Sequence[View]:
        rows = self.get_rows().filter(posted_at=None, dropped_at=None)
        found = rows.order_by().aggregate(
            open=Count("pk", distinct=True), review=Count("pk", filter=Q(counted=F("line_count")))
        )
        return [
            View("all", _("All"), ""),
            View("open", _("Open"), "open=1", found["open"]),
            View("review", _("To be posted"), "review=1", found["review"], "risk" if found["review"] else ""),
            View("posted", _("Posted"), "posted=1"),
        ]

    def get_actions(self) -> list[Action]:
        return [Action(_("New count"), reverse("erp:new_count_sheet"), "plus", COUNT, is_main=True)]

    def get_url(self, row: Any) -> str:
        return reverse("erp:count_sheet", args=[row.pk])


class NewCountSheet(CreatePage):
    """A sheet of all that lies in a place, or of a material."""

    permission, form_class = COUNT, CountSheetForm
    title, submit_label = _l("New count"), _l("Make the sheet")

    def get_back(self) -> tuple[Any, str]:
        return _("Counts"), reverse("erp:count_sheets")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"plants": visible_to(self.request.user, Plant.objects.order_by("code"), COUNT)}

    def get_initial(self) -> dict[str, Any]:
        chosen = getattr(self.request, "plant", None)
        return {"plant": chosen.pk if chosen else None, "is_blind": True} | super().get_initial()

    def perform(self, form: Any) -> str:
        sheet = counting.make_count_sheet(now=timezone.now(), **form.cleaned_data)
        return reverse("erp:enter_count", args=[sheet.pk])


class CountSheetPage(DetailPage):
    """One sheet: found and book, differences and their worth, and the orders that lost pieces by it."""

    permission = SEE
    template_name = "erp/stockroom/count_sheet.html"

    def get_rows(self) -> QuerySet[Any]:
        return counted.sheets(self.request.user)

    @cached_property
    def lines(self) -> list[Any]:
        return counted.lines(self.get_object(), self.request.user)

    @cached_property
    def cuts(self) -> list[Any]:
        return counted.cuts(self.get_object())

    def get_title(self, row: Any) -> Any:
        return row.number

    def get_subtitle(self, row: Any) -> Any:
        return f"{what(row)} · {row.plant.name}"

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Counts"), reverse("erp:count_sheets")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return counted.stage(row)[0], word(row)

    def get_cards(self, row: Any) -> Sequence[Card]:
        how = [
            Column(lambda one: f"{one.counted} / {one.line_count}", _("Places counted")),
            YesNo("is_blind", _("Blind")),
        ]
        when = [
            When("made_at", _("Made")),
            When("posted_at", _("Posted"), empty=_("Not posted")),
            Column("posted_by", _("Posted by"), empty=_("Not posted")),
        ]
        return [Card(_("How far"), how), Card(_("Dates"), when)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        tabs = [Tab("lines", _("Places"), template="erp/stockroom/_count_lines.html", count=len(self.lines))]
        if self.cuts:
            template = "erp/stockroom/_count_cuts.html"
            tabs.append(Tab("cuts", _("Reservations that lost"), template=template, count=len(self.cuts)))
        return tabs

    def get_actions(self, row: Any) -> list[Action]:
        if not row.is_open:
            return []
        is_counted = row.counted == row.line_count
        version = {"version": row.version}
        return [
            Action(_("Enter"), reverse("erp:enter_count", args=[row.pk]), "scan", COUNT, is_main=not is_counted),
            Action(
                _("Drop"), reverse("erp:drop_count_sheet", args=[row.pk]), "x", COUNT, post=True, fields=version,
                confirm=_("Drop the sheet? Nothing of it is posted."),
            ),
            *([Action(
                _("Post differences"), reverse("erp:post_count_sheet", args=[row.pk]), "check", COUNT, post=True,
                is_main=True, fields=version,
            )] if is_counted else []),
        ]  # fmt: skip

    def get_context_data(self, row: Any) -> dict[str, Any]:
        user, limit = self.request.user, counted.limit_of(row)
        stake = counted.at_stake(self.lines)
        return super().get_context_data(row) | {
            "lines": self.lines,
            "cuts": self.cuts,
            "currency": row.plant.company.currency.code,
            "stake": stake,
            "limit": limit,
            "sees_gaps": any(line.gap is not None for line in self.lines),
            "needs_approval": row.is_open and limit is not None and (stake > limit),
            "may_approve": may(user, APPROVE),
            "sees_orders": may(user, "erp.view_order"),
            "sees_work": may(user, "erp.view_work_order"),
        }


class _SheetDeed(DeedView):
    permission = COUNT

    def get_rows(self) -> QuerySet[CountSheet]:
        return visible_to(self.request.user, CountSheet.objects.all(), COUNT)

    @property
    def version(self) -> int | None:
        sent = self.request.POST.get("version", "")
        return int(sent) if sent.isdigit() else None


class PostCountSheet(_SheetDeed):
    """Post the differences; above the plant's limit only those who may approve them."""

    done_message = _l("Posted. Orders that lost pieces by it are supplied again.")

    def perform(self, row: Any) -> str:
        user = self.request.user
        shortages.post_count(
            sheet_id=row.pk,
            now=timezone.now(),
            by=user if isinstance(user, User) else None,
            may_approve=may(user, APPROVE),
            expected_version=self.version,
        )
        return reverse("erp:count_sheet", args=[row.pk])


class DropCountSheet(_SheetDeed):
    """Nothing of it is posted."""

    done_message = _l("Dropped. Nothing of it was posted.")

    def perform(self, row: Any) -> str:
        counting.drop_count_sheet(sheet_id=row.pk, now=timezone.now(), expected_version=self.version)
        return reverse("erp:count_sheets")
