"""Transfers between plants: what is in transit, one journey, receiving in parts, giving up what is lost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.stock.models import Transfer
from erp.stockroom import journeys
from erp.stockroom.fields import PlaceField, quantity_field, stock_places, typed
from erp.supply.services import journeys as sending
from masterdata import drawn
from masterdata.access import scope_of, visible_to
from masterdata.errors import Refusal
from masterdata.pages import (
    Action,
    Card,
    Code,
    Column,
    DetailPage,
    EditPage,
    Empty,
    Flag,
    Happening,
    Html,
    ListPage,
    Number,
    State,
    Tab,
    View,
    When,
)
from masterdata.rights import allows

SEE, MOVE, SCRAP = "erp.view_stock", "erp.move_stock", "erp.scrap_stock"


def _arrived(row: Any) -> SafeString:
    percent = int(row.percent or 0)
    tone = "done" if percent == 100 else "brand"
    return drawn.bar(percent, tone, _("%(percent)d %% arrived") % {"percent": percent})


class Transfers(ListPage):
    """Journeys between plants, those in transit first to be asked for."""

    permission = SEE
    template_name = "erp/list.html"
    title, question = _l("Transfers"), _l("What is on the way between the plants, and since when?")
    columns = [
        Code("number", _l("Transfer"), sort="number", link=True, css="w-1"),
        Column("plant.name", _l("From"), sort="plant__code"),
        Column("to_plant.name", _l("To"), sort="to_plant__code"),
        Number("line_count", _l("Lines"), sort="line_count"),
        Html(_arrived, _l("Arrived"), sort="percent"),
        State(lambda row: row.stage[0], _l("State"), word=lambda row: row.stage[1]),
        When("sent_at", _l("Sent"), sort="sent_at"),
        When("expected_at", _l("Expected"), sort="expected_at", empty=_l("No date given")),
        Column("note", _l("Note"), css="wide", empty=_l("None")),
    ]
    search_fields = ["number", "note", "plant__name", "to_plant__name"]
    filters = [Flag("open", _l("In transit"), field="is_open"), Flag("late", _l("Late"), field="is_late")]
    order_by = "-sent_at"
    live = ["stock"]
    empty = Empty(_l("Nothing travels"), _l("Send free stock of one plant to another."), "truck")

    def get_rows(self) -> QuerySet[Transfer]:
        rows = visible_to(self.request.user, journeys.listed(timezone.now()), SEE)
        chosen = getattr(self.request, "plant", None)
        return rows.filter(journeys.of_plant(chosen.pk)) if chosen else rows

    def prepare(self, rows: list[Any]) -> list[Any]:
        for row in rows:
            row.stage = journeys.stage(row)
        return rows

    def get_row_css(self, row: Any) -> str:
        return "is-late" if row.is_late else ""

    def get_views(self) -> Sequence[View]:
        counts = journeys.counts(self.get_rows())
        return [
            View("all", _("All"), "", counts["all"]),
            View("open", _("In transit"), "open=1", counts["open"]),
            View("late", _("Late"), "late=1", counts["late"], "late" if counts["late"] else ""),
        ]

    def get_actions(self) -> list[Action]:
        return [
            Action(_("Stock"), reverse("erp:stock"), "packages", SEE),
            Action(_("To be sent"), reverse("erp:supply_messages") + "?kind=send", "list-check", "erp.view_purchase"),
            Action(_("Send"), reverse("erp:send_transfer"), "truck", MOVE, is_main=True),
        ]

    def get_url(self, row: Transfer) -> str:
        return reverse("erp:transfer", args=[row.pk])


class TransferPage(DetailPage):
    """One journey: what left, what of it arrived, what is still on the way or lost."""

    permission = SEE
    template_name = "erp/stockroom/transfer.html"
    live = ["stock"]

    def get_rows(self) -> QuerySet[Transfer]:
        return visible_to(self.request.user, journeys.listed(timezone.now()), SEE)

    @cached_property
    def lines(self) -> list[Any]:
        return journeys.lines_of(self.get_object())

    def get_subtitle(self, row: Any) -> Any:
        return f"{row.plant.name} → {row.to_plant.name}"

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Transfers"), reverse("erp:transfers")

    def get_state(self, row: Any) -> tuple[str, Any]:
        return journeys.stage(row)

    def get_cards(self, row: Any) -> Sequence[Card]:
        way = [Column("plant.name", _("From")), Column("to_plant.name", _("To")), Column("note", _("Note"))]
        dates = [
            When("sent_at", _("Sent")),
            When("expected_at", _("Expected"), empty=_("No date given")),
            When("closed_at", _("Closed"), empty=_("Still on the way")),
        ]
        return [Card(_("Way"), way), Card(_("Times"), dates)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [Tab("lines", _("Lines"), template="erp/stockroom/_transfer_lines.html", count=len(self.lines))]

    def get_context_data(self, row: Any) -> dict[str, Any]:
        return super().get_context_data(row) | {"lines": self.lines}

    def get_actions(self, row: Any) -> list[Action]:
        found: list[Action] = []
        if row.closed_at is not None:
            return found
        if allows(self.request.user, SCRAP, row.plant_id):
            found.append(Action(_("Give up the rest"), reverse("erp:give_up_transfer", args=[row.pk]), "x", SCRAP))
        if allows(self.request.user, MOVE, row.to_plant_id):
            url = reverse("erp:receive_transfer", args=[row.pk])
            found.append(Action(_("Receive"), url, "package-import", MOVE, is_main=True))
        return found

    def get_timeline(self, row: Any) -> Sequence[Happening]:
        found = [Happening(row.sent_at, _("Sent"), "truck", detail=row.note)]
        if row.closed_at is not None:
            lost = any(line.lost_qty for line in self.lines)
            words, tone = (_("Closed, not all arrived"), "bad") if lost else (_("All arrived"), "good")
            found.insert(0, Happening(row.closed_at, words, "package-import", tone=tone))
        return found


class ArrivedForm(forms.Form):
    """How much of each line has come, and where it is put."""

    def __init__(self, *args: Any, lines: Sequence[Any], plant_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            name = _("Arrived of %(code)s") % {"code": line.material.code}
            field = quantity_field(name, required=False, **{"aria-label": name})
            field.initial = typed(line.left)
            self.fields[f"line_{line.pk}"] = field
        self.fields["target"] = PlaceField(
            stock_places(plant_id),
            label=_("To which place"),
            required=False,
            help_text=_("Empty: where the plant receives."),
        )

    @property
    def rows(self) -> list[tuple[Any, forms.BoundField]]:
        return [(line, self[f"line_{line.pk}"]) for line in self.lines]

    def arrived(self) -> list[tuple[int, Any]]:
        found = [(line.pk, self.cleaned_data.get(f"line_{line.pk}")) for line in self.lines]
        return [(pk, quantity) for pk, quantity in found if quantity]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.lines:
            raise forms.ValidationError(_("Meanwhile all of it has come: nothing is left to receive."))
        if not self.errors and not self.arrived():
            raise forms.ValidationError(_("Nothing came? Enter how much of at least one line."))
        return cleaned


class JourneyDeed(EditPage):
    """A form about one journey on the way; `end` is the plant in which the user must be allowed to do it."""

    end = "to_plant"

    def get_rows(self) -> QuerySet[Transfer]:
        plants = sorted(scope_of(self.request.user, self.permission).plants)
        rows = Transfer.objects.filter(**{f"{self.end}__in": plants})
        return rows.select_related("plant", "to_plant")

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("erp:transfer", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {}


class Receive(JourneyDeed):
    """What has arrived; all that is on the way is proposed."""

    permission, form_class = MOVE, ArrivedForm
    template_name = "erp/stockroom/arrive.html"
    done_message = _l("Received.")

    def get_title(self) -> Any:
        return _("Receive %(number)s") % {"number": self.get_object().number}

    def get_form_kwargs(self) -> dict[str, Any]:
        lines = [line for line in journeys.lines_of(self.get_object()) if line.left > 0]
        return {"lines": lines, "plant_id": self.get_object().to_plant_id}

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"submit_label": _("Receive")}

    def refuse(self, form: Any, refusal: Refusal) -> None:
        refusal.field = f"line_{refusal.values['line_id']}" if "line_id" in refusal.values else refusal.field
        super().refuse(form, refusal)

    def perform(self, form: Any) -> str:
        target = form.cleaned_data["target"]
        sending.receive_transfer(
            transfer_id=self.get_object().pk,
            lines=form.arrived(),
            target_id=target.pk if target else None,
            now=timezone.now(),
        )
        return reverse("erp:transfer", args=[self.get_object().pk])


class GiveUpForm(forms.Form):
    """What happened to it."""

    note = forms.CharField(label=_l("What happened to it?"), max_length=200)


class GiveUp(JourneyDeed):
    """What is still on the way will not arrive: its value becomes a stock difference of the sending plant."""

    permission, form_class, end = SCRAP, GiveUpForm, "plant"
    done_message = _l("Given up: its value is a stock difference.")

    def get_title(self) -> Any:
        return _("Give up the rest of %(number)s") % {"number": self.get_object().number}

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"submit_label": _("Give up")}

    def perform(self, form: Any) -> str:
        pk = self.get_object().pk
        sending.give_up_transfer(transfer_id=pk, note=form.cleaned_data["note"], now=timezone.now())
        return reverse("erp:transfer", args=[pk])
