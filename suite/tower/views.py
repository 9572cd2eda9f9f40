"""The control tower: the answer in one sentence, then the figures behind it, each leading to its list."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from erp import selectors as erp_now
from masterdata.access import may, requires, scope_of, visible_to
from masterdata.models import Company, Plant
from mes import selectors as mes_now
from suite.tower import promises, state

SEE = "erp.view_order"
SHOWN = 7


def plants_in_view(request: HttpRequest) -> list[Plant]:
    """The plant that is chosen, else all that the user may see orders of."""
    seen = scope_of(request.user, SEE).plants
    chosen = [request.plant] if request.plant else request.plants  # type: ignore[attr-defined]
    return [plant for plant in chosen if plant.pk in seen]


@requires(SEE)
def tower(request: HttpRequest) -> HttpResponse:
    """Is the factory keeping its promises?"""
    now, plants = timezone.now(), plants_in_view(request)
    ids = [plant.pk for plant in plants]
    orders = promises.open_orders(promises.open_lines(ids))
    late = [order for order in orders if order.is_late]
    unsure = [order for order in orders if order.is_unsure]
    at_risk = sorted([*late, *unsure], key=lambda order: order.weight, reverse=True)
    shown = at_risk[:SHOWN]
    promises.name_causes(at_risk, now)
    status = erp_now.order_status([order.pk for order in shown], now)
    for order in shown:
        order.stations = status[order.pk].stations
    kept = promises.reliability(ids, now)
    context = {
        "page_title": _("Control tower"),
        "kept": kept,
        "bars": _bars(kept),
        "target": promises.TARGET_PERCENT,
        "verdict": _verdict(kept, late),
        "orders": orders,
        "late": late,
        "unsure": unsure,
        "on_time": len(orders) - len(late) - len(unsure),
        "late_amount": sum(order.amount for order in late),
        "at_risk": at_risk,
        "shown": shown,
        "blocker": _blocker(at_risk),
        "open_amount": sum(order.amount for order in orders),
        "currency": plants[0].company.currency if plants else "",
        "shortages": state.shortages(ids, now),
    }
    return render(request, "suite/tower/tower.html", context | _by_rights(request, plants, now))


def _by_rights(request: HttpRequest, plants: list[Plant], now: Any) -> dict[str, Any]:
    """What only some roles see: floor, load, money."""
    user, found = request.user, dict[str, Any]()
    if may(user, "mes.view_floor"):
        halls = state.halls(plants)
        found["halls"] = halls
        found["machine_count"] = sum(len(hall.machines) for hall in halls)
        found["producing"] = sum(hall.producing for hall in halls)
        found["alarms"] = list(mes_now.open_alarms(plant_ids=[plant.pk for plant in plants])[:5])
    if may(user, "aps.view_plan"):
        found["days"], found["load"] = state.load(plants, now)
    if may(user, "erp.view_cost"):
        since = timezone.localdate(now).replace(day=1)
        orders = visible_to(user, erp_now.visible_orders(user), "erp.view_cost")
        found["margin"] = state.margin(state.orders_of(plants, orders), since)
    if may(user, "erp.view_invoice"):
        companies = visible_to(user, Company.objects.select_related("currency"), "erp.view_invoice")
        company = companies.filter(pk__in=[plant.company_id for plant in plants]).first()
        if company is not None and company.pk in scope_of(user, "erp.view_invoice").companies:
            found["cash"] = state.cash(company, erp_now.visible_invoices(user))
    return found


def _bars(kept: promises.Reliability) -> list[tuple[int, int, int, str, promises.Week]]:
    """The weeks as bars of a drawing 130 wide and 32 high: x, y, height, fill."""
    found = []
    for number, week in enumerate(kept.weeks):
        height = int((week.percent or 0) * 28 / 100)
        found.append((number * 11, 32 - height, height, "f-risk" if week.is_under else "f-rest", week))
    return found


def _verdict(kept: promises.Reliability, late: list[promises.OpenOrder]) -> str:
    """Yes, nearly, or no, by the target and by what is late now."""
    if kept.percent is None:
        return _("Nothing delivered yet.") if not late else _("Not quite.")
    if kept.percent >= promises.TARGET_PERCENT:
        return _("Yes.") if not late else _("Nearly.")
    return _("Nearly.") if kept.percent >= promises.TARGET_PERCENT - 10 else _("No.")


def _blocker(at_risk: list[promises.OpenOrder]) -> tuple[str, int, int] | None:
    """The machine that most of the orders at risk wait for: its code, its id, how many wait."""
    counts: dict[tuple[str, int], int] = {}
    for order in at_risk:
        if order.cause and order.cause.url_name == "masterdata:machine":
            key = (order.cause.title.split(" ")[0], order.cause.pk)
            counts[key] = counts.get(key, 0) + 1
    if not counts:
        return None
    (code, pk), count = max(counts.items(), key=lambda item: item[1])
    return code, pk, count
