"""Walks through the warehouse: planned for many orders, then walked with a scanner or a tablet."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.fulfilment import services
from erp.fulfilment.forms import WaveForm
from erp.fulfilment.models import PickList
from erp.fulfilment.selectors.lists import listed_walks, to_ship, walk_lines
from erp.sales.models import SalesOrder
from erp.sales.selectors import visible_orders
from masterdata import shown
from masterdata.access import may, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Plant
from masterdata.pages import (
    Action,
    Code,
    Column,
    DeedView,
    Empty,
    Flag,
    FormPage,
    ListPage,
    Number,
    State,
    View,
    When,
    go_to,
)
from masterdata.pages.details import OneRow
from masterdata.pages.once import FIELD, new_key, once
from masterdata.pages.zones import plant_time

PICK = "erp.pick_goods"


def state_of(row: PickList) -> str:
    return "done" if row.closed_at else "running"


class PickLists(ListPage):
    """All walks."""

    permission = "erp.view_order"
    title, question = _l("Pick lists"), _l("Who fetches what, and what is still to be fetched?")
    columns = [
        Code("number", _l("List"), sort="number", link=True, css="w-1"),
        Column("plant.name", _l("Plant"), sort="plant__code"),
        Number("order_count", _l("Orders"), sort="order_count"),
        Number("line_count", _l("Lines"), sort="line_count"),
        Number("done_count", _l("Done"), sort="done_count"),
        Column("picker", _l("Picker"), empty=_l("Anybody")),
        When("made_at", _l("Written"), sort="made_at"),
        State(state_of, _l("State"), word=lambda row: _("Done") if row.closed_at else _("Open")),
    ]
    search_fields = ["number", "lines__order_line__order__number"]
    filters = [Flag("open", _l("Open"), field="closed_at__isnull")]
    order_by = "-number"
    live = ["stock"]
    empty = Empty(_l("No walk yet"), _l("Plan one for the orders that can be shipped."), "list-check")

    def get_rows(self) -> QuerySet[PickList]:
        return in_chosen_plant(self.request, visible_to(self.request.user, listed_walks(), self.permission))

    def get_views(self) -> Sequence[View]:
        waiting = self.get_rows().filter(closed_at=None).count()
        return [View("all", _("All")), View("open", _("Open"), "open=1", waiting)]

    def get_actions(self) -> list[Action]:
        return [Action(_("Plan a walk"), reverse("erp:pick_wave"), "plus", PICK, is_main=True)]

    def get_url(self, row: Any) -> str:
        return reverse("erp:pick_walk", args=[row.pk]) if may(self.request.user, PICK) else ""


class PlanWave(FormPage):
    """One walk for the orders that are ticked; all that are due today are."""

    permission, form_class, template_name = PICK, WaveForm, "erp/fulfilment/wave.html"
    title, submit_label = _l("Plan a walk"), _l("Write the list")

    def get_back(self) -> tuple[Any, str]:
        return _("To ship"), reverse("erp:to_ship")

    @cached_property
    def plant(self) -> Plant | None:
        """The chosen plant, else the only one with goods to fetch first."""
        chosen: Plant | None = getattr(self.request, "plant", None)
        if chosen is not None:
            return chosen
        plants = visible_to(self.request.user, Plant.objects.all(), PICK).order_by("code")
        return next((plant for plant in plants if self.of(plant).exists()), plants.first())

    def of(self, plant: Plant) -> QuerySet[Any]:
        rows: QuerySet[Any] = to_ship(visible_orders(self.request.user), plant.pk)
        return rows.filter(walking=False, packed=False)

    def get_form(self, data: Any = None) -> Any:
        form: Any = super().get_form(data)
        form.fields["orders"].queryset = self.of(self.plant) if self.plant else SalesOrder.objects.none()
        return form

    def get_context_data(self, form: Any) -> dict[str, Any]:
        rows = list(form.fields["orders"].queryset.select_related("customer").order_by("due_at", "number")[:100])
        ticked = set(self.request.POST.getlist("orders") or self.request.GET.getlist("orders"))
        today = timezone.localdate()
        for row in rows:
            is_due = row.due_at is not None and timezone.localdate(row.due_at) <= today
            row.is_chosen = str(row.pk) in ticked if ticked or self.request.method == "POST" else is_due
        return super().get_context_data(form) | {"rows": rows, "plant": self.plant}

    def perform(self, form: Any) -> str:
        assert self.plant is not None
        ids = list(form.cleaned_data["orders"].values_list("pk", flat=True))
        walk = services.make_pick_list(order_ids=ids, plant=self.plant, now=timezone.now())
        return reverse("erp:pick_walk", args=[walk.pk])


class Walk(OneRow):
    """One walk: scan the place, scan the goods, enter how much; the next place comes up by itself."""

    permission = PICK

    def get_rows(self) -> QuerySet[PickList]:
        return visible_to(self.request.user, PickList.objects.select_related("plant"), PICK)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._page()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        deeds = {"short": self._short, "close": self._close, "unpick": self._unpick}
        try:
            deed = deeds.get(request.POST.get("deed", ""), self._pick)
            return go_to(request, once(request, deed))
        except Refusal as refusal:
            return self._page(refusal.sentence, 422)

    @cached_property
    def lines(self) -> list[Any]:
        return list(walk_lines(self.get_object()))

    @cached_property
    def at_hand(self) -> Any:
        """The line that was chosen, else the next one on the way."""
        wanted = self.request.POST.get("line") or self.request.GET.get("line", "")
        still = [line for line in self.lines if line.left > 0]
        return next((line for line in still if str(line.pk) == wanted), still[0] if still else None)

    @property
    def here(self) -> str:
        return reverse("erp:pick_walk", args=[self.get_object().pk])

    def _line(self) -> Any:
        if self.at_hand is None:
            raise InvalidInput(_("Everything on this list is fetched."))
        return self.at_hand

    def _pick(self) -> str:
        line, given = self._line(), self.request.POST
        place, goods = given.get("place", "").strip(), given.get("goods", "").strip()
        if not place or not goods:
            raise InvalidInput(_("Scan the place, then the goods."))
        try:
            quantity = Decimal(given.get("quantity", "").strip() or line.left)
        except InvalidOperation:
            raise InvalidInput(_("Enter how much you took, as a number.")) from None
        services.confirm_pick(line_id=line.pk, quantity=quantity, place=place, goods=goods, now=timezone.now())
        words = {"quantity": shown.quantity(quantity, line.material.unit.code), "code": line.material.code}
        messages.success(self.request, _("%(quantity)s of %(code)s fetched.") % words)
        return self.here

    def _short(self) -> str:
        found = services.pick_short(line_id=self._line().pk, now=timezone.now())
        if found.elsewhere:
            messages.success(self.request, _("The rest stands on the list at other places."))
        elif found.sheet is not None:
            said = _("No other place has it. %(number)s is to count the place.") % {"number": found.sheet.number}
            messages.warning(self.request, said)
        return self.here

    def _unpick(self) -> str:
        wanted = self.request.POST.get("line", "")
        line = next((one for one in self.lines if str(one.pk) == wanted), None)
        if line is None:
            raise InvalidInput(_("This line is not on the list any more."))
        services.unpick(line_id=line.pk, quantity=line.picked_qty - line.gone_qty, now=timezone.now())
        messages.success(self.request, _("Put back to %(place)s.") % {"place": line.location.name})
        return self.here

    def _close(self) -> str:
        services.close_pick_list(list_id=self.get_object().pk, now=timezone.now())
        return reverse("erp:pick_lists")

    def _page(self, wrong: str = "", status: int = 200) -> HttpResponseBase:
        walk, line, typed = self.get_object(), self.at_hand, self.request.POST if wrong else {}
        context = {
            "page_title": walk.number,
            "subtitle": walk.plant.name,
            "back": (_("Pick lists"), reverse("erp:pick_lists")),
            "object": walk,
            "actions": [Action(_("PDF"), reverse("erp:picking_list", args=[walk.pk]), "file-type-pdf")],
            "lines": self.lines,
            "line": line,
            "wrong": wrong,
            "place": typed.get("place", ""),
            "goods": typed.get("goods", ""),
            "quantity": typed.get("quantity", "") or (shown.plain(line.left) if line else ""),
            "field": FIELD,
            "key": new_key(),
            "done": sum(1 for one in self.lines if one.left <= 0),
        }
        with plant_time(self.request, walk.plant_id):
            return render(self.request, "erp/fulfilment/walk.html", context, status=status)


class PickOrder(DeedView):
    """One walk for one order, from its page."""

    permission = PICK

    def get_rows(self) -> QuerySet[SalesOrder]:
        return visible_orders(self.request.user)

    def perform(self, row: Any) -> str:
        plants = Plant.objects.filter(pk__in=row.lines.values("plant")).order_by("pk")
        chosen = getattr(self.request, "plant", None)
        plant = next((one for one in plants if chosen is not None and one.pk == chosen.pk), plants[0])
        walk = services.make_pick_list(order_ids=[row.pk], plant=plant, now=timezone.now())
        return reverse("erp:pick_walk", args=[walk.pk])
