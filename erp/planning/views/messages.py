"""The buyer's supply page: what to order, expedite, defer or cancel, with the orders behind each; one click orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib import messages as told
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from erp.planning import selectors, services
from erp.planning.days import days_of
from erp.planning.forms import DismissForm
from erp.planning.models import ActionMessage
from erp.planning.selectors.messages import supply_of
from erp.supply.services import order_planned_together
from masterdata import drawn, shown
from masterdata.access import Guarded, may, visible_to
from masterdata.pages import Action, Choice, Code, Column, Day, EditPage, Empty, Html, ListPage, Quantity, View
from masterdata.pages.edits import go_to
from masterdata.pages.once import once

SEE, WRITE = "erp.view_purchase", "erp.write_purchase"
MOST_AT_ONCE = 500


def _supply(row: ActionMessage) -> SafeString:
    """The document that it is about, as a link."""
    if row.need_id is not None and row.work_order is not None:
        return _link(reverse("erp:work_order", args=[row.work_order_id]) + "?tab=materials", row.work_order.number)
    if row.work_order is not None:
        return _link(reverse("erp:work_supply", args=[row.work_order_id]), row.work_order.number)
    if row.purchase_order_line is not None:
        order = row.purchase_order_line.order
        return _link(reverse("erp:purchase_order", args=[order.pk]), order.number)
    if row.planned_order is not None:
        is_moved = row.planned_order.source_plant is not None
        word = _("Transfer") if is_moved else _("Planned order")
        return _link(reverse("erp:planned_supply", args=[row.planned_order_id]), word)
    return drawn.dash(_("Stock"))


def _link(url: str, text: Any) -> SafeString:
    return format_html('<a class="link tl-code" href="{}">{}</a>', url, text)


def _cause(row: ActionMessage) -> str:
    """One sentence: what is so, and what should be."""
    days = {"from": _whole(row.from_on), "to": _whole(row.to_on)}
    sentences = {
        "order": _("Order by %(from)s, needed on %(to)s"),
        "send": _("Leaves by %(from)s, needed there on %(to)s"),
        "expedite": _("Comes on %(from)s, needed on %(to)s"),
        "defer": _("Comes on %(from)s, not needed before %(to)s"),
        "cancel": _("Comes on %(from)s, nobody needs it"),
        "below_safety": _("Stock is below the safety stock"),
        "incomplete": _("Has no frozen BOM: freeze one, or make the work firm as it is"),
        "substitute": _("Comes after %(from)s; %(other)s is free and may be used instead"),
        "substituted": _("Would come after %(from)s: %(other)s is used instead"),
        "redated": _("Should have begun on %(from)s, begins on %(to)s"),
    }
    if row.substitute is not None:
        days["other"] = row.substitute.code
    return sentences[row.kind] % days


def _whole(day: dt.date | None) -> str:
    """A day that no line break tears apart."""
    return shown.day(day).replace(" ", "\N{NO-BREAK SPACE}") if day else ""


def _behind(row: Any) -> SafeString:
    if not row.behind:
        return _wishes(row)
    links = format_html_join(
        ", ",
        '<a class="link tl-code" href="{}" title="{}">{}</a>',
        ((reverse("erp:order", args=[one.order_id]), one.customer, one.number) for one in row.behind[:3]),
    )
    more = len(row.behind) - 3
    return format_html("{} {}", links, _("and %(count)d more") % {"count": more}) if more > 0 else links


def _wishes(row: Any) -> SafeString:
    """The requisitions that it was granted for."""
    if not row.wishes:
        return drawn.dash(_("For stock"))
    links = (
        drawn.document(reverse("erp:requisition", args=[one.requisition_id]), one.number, row.viewer)
        for one in row.wishes
    )
    return format_html_join(", ", "{}", ((link,) for link in links))


class ActionMessages(ListPage):
    """What somebody should do about supply."""

    permission = SEE
    title, question = _l("Supply"), _l("What has to be ordered, sent, hurried, put off or cancelled, and for whom?")
    columns = [
        Column("get_kind_display", _l("Do"), sort="kind", css="w-1", second="plant.name"),
        Code("material.code", _l("Material"), sort="material__code", second="material.name"),
        Quantity("quantity", _l("Quantity"), unit="material.unit.code"),
        Day("to_on", _l("Day"), sort="to_on", empty=_l("No day")),
        Column(_cause, _l("Why"), css="wide"),
        Html(_supply, _l("Supply")),
        Html(_behind, _l("For")),
    ]
    search_fields = ["material__code", "material__name", "work_order__number"]
    order_by = "to_on"
    live = ["supply", "purchase"]
    filters = [Choice("kind", _l("Do"), choices=ActionMessage.Kind.choices)]
    empty = Empty(_l("Supply fits demand"), _l("Nothing to order, to hurry or to put off."), "circle-check")

    def get_rows(self) -> QuerySet[ActionMessage]:
        today = timezone.localdate()
        rows = visible_to(self.request.user, selectors.action_messages(today=today), SEE)
        chosen = getattr(self.request, "plant", None)
        return rows.filter(Q(plant=chosen) | Q(kind="send", planned_order__source_plant=chosen)) if chosen else rows

    def get_views(self) -> Sequence[View]:
        counts = dict(self.get_rows().order_by().values_list("kind").annotate(Count("pk")))
        asked = self.request.GET.get("kind", "")
        kinds = [
            View(kind, word, f"kind={kind}", counts.get(kind, 0))
            for kind, word in ActionMessage.Kind.choices
            if counts.get(kind) or kind == asked
        ]
        return [View("all", _("All"), ""), *kinds]

    def get_actions(self) -> list[Action]:
        ids = list(
            self.found()
            .filter(kind=ActionMessage.Kind.ORDER, planned_order__kind="buy")
            .values_list("planned_order_id", flat=True)[:MOST_AT_ONCE]
        )
        if not ids:
            return []
        label = ngettext("Order %(count)d", "Order all %(count)d", len(ids)) % {"count": len(ids)}
        fields = {"planned": ",".join(str(pk) for pk in ids)}
        url = reverse("erp:supply_order")
        return [Action(label, url, "truck-delivery", WRITE, post=True, is_main=True, fields=fields)]

    def prepare(self, rows: list[Any]) -> list[Any]:
        supplies = {row.pk: supply_of(row) for row in rows}
        known = [supply for supply in supplies.values() if supply]
        behind = selectors.orders_behind_supplies(known)
        wishes = selectors.requisitions_behind_supplies(known)
        for row in rows:
            supply = supplies[row.pk]
            row.behind = behind.get(supply, []) if supply else []
            row.wishes = wishes.get(supply, []) if supply else []
            row.viewer = self.request.user
        return rows

    def get_url(self, row: ActionMessage) -> str:
        return reverse("erp:message_dismiss", args=[row.pk]) if may(self.request.user, WRITE) else ""


class OrderSupply(Guarded):
    """One click: planned orders become purchase orders, by supplier and day."""

    permission = WRITE
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = [int(text) for text in request.POST.get("planned", "").split(",") if text.isdecimal()][:MOST_AT_ONCE]
        rows = visible_to(request.user, selectors.open_planned_supply(), WRITE)
        ids = list(rows.filter(pk__in=asked).values_list("pk", flat=True))
        url = once(request, lambda: self._order(request, ids))
        return go_to(request, url)

    def _order(self, request: HttpRequest, ids: list[int]) -> str:
        done = order_planned_together(planned_order_ids=ids, now=timezone.now())
        count = len(done.orders)
        words = ngettext("%(count)d purchase order written.", "%(count)d purchase orders written.", count)
        told.success(request, words % {"count": count})
        for left in done.left[:5]:
            told.warning(request, left.reason)
        return reverse("erp:supply_messages")


class DismissMessage(EditPage):
    """Be quiet about a message until a day."""

    permission, form_class = WRITE, DismissForm
    done_message = _l("It comes back on that day, or when it changes.")

    def get_rows(self) -> QuerySet[ActionMessage]:
        return visible_to(self.request.user, selectors.action_messages(), WRITE)

    def get_title(self) -> Any:
        row = self.get_object()
        return _("Put off: %(what)s") % {"what": f"{row.get_kind_display()}, {row.material.code}"}

    def get_back(self) -> tuple[Any, str]:
        return _("Supply"), reverse("erp:supply_messages")

    def get_initial(self) -> dict[str, Any]:
        return {"until": timezone.localdate() + dt.timedelta(days=7)}

    def perform(self, form: Any) -> str:
        row = self.get_object()
        services.dismiss_message(
            message_id=row.pk,
            until=form.cleaned_data["until"],
            today=days_of(row.plant, timezone.now()).today,
            expected_version=int(self.request.POST["version"]) if self.request.POST.get("version") else None,
        )
        return reverse("erp:supply_messages")
