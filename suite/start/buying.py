"""What waits for a buyer: supply to act on, answers that are missing, customers' orders that goods stop."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, DecimalField, F, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp import selectors as erp_now
from erp.models import ActionMessage, QuotationRequest, Requisition, SupplierInvoice
from erp.planning.selectors import action_messages
from erp.supply.selectors import listed
from masterdata.access import may, scope_of
from masterdata.models import Partner
from masterdata.numbers import ZERO
from suite.start.panels import Line, Panel, Worth, plants_for, worth

DEED, SEE, SEE_COST, SEE_INVOICES = (
    "erp.write_purchase", "erp.view_purchase", "erp.view_cost", "erp.view_supplier_invoice",
)  # fmt: skip
URGENT = {"expedite": "late", "redated": "risk", "below_safety": "risk", "incomplete": "risk", "substitute": "risk"}
SHOWN = 6
CURRENCY = "plant__company__currency__code"
# Customers' orders that wait for goods which are overdue or come after what was promised first, or which nobody has
# ordered although it is time.
_STOPPED = """
    WITH waiting AS (
        SELECT coalesce(g.sales_order_line_id, w.sales_order_line_id) AS line_id,
            coalesce(n.material_id, d.material_id) AS material_id, g.purchase_order_line_id, g.planned_order_id
        FROM erp_peg g
        LEFT JOIN erp_workordermaterial n ON n.id = g.work_order_material_id
        LEFT JOIN erp_workorder w ON w.id = n.work_order_id AND w.state IN ('firm', 'released')
        LEFT JOIN erp_salesorderline d ON d.id = g.sales_order_line_id
        WHERE g.received_qty < g.quantity AND g.work_order_id IS NULL
            AND (g.purchase_order_line_id IS NOT NULL OR g.planned_order_id IS NOT NULL)
    ), late AS (
        SELECT l.order_id, min(coalesce(l.promised_at, (l.wanted_on + 1)::timestamptz)) AS promised_at,
            min(m.code) AS material, count(DISTINCT m.id) - 1 AS more, min(po.id) AS purchase_id,
            min(po.number) AS purchase, max(coalesce(b.confirmed_at, b.due_at)) AS due_at
        FROM waiting
        JOIN erp_salesorderline l ON l.id = waiting.line_id AND l.plant_id = ANY(%(plants)s)
            AND l.shipped_qty < l.quantity
        JOIN masterdata_material m ON m.id = waiting.material_id
        LEFT JOIN erp_purchaseorderline b ON b.id = waiting.purchase_order_line_id
        LEFT JOIN erp_purchaseorder po ON po.id = b.order_id
        LEFT JOIN erp_plannedorder p ON p.id = waiting.planned_order_id AND p.kind = 'buy'
        WHERE coalesce(b.confirmed_at, b.due_at) < %(now)s
            OR coalesce(b.confirmed_at, b.due_at) > l.first_promised_at
            OR (p.id IS NOT NULL AND (p.order_by_on IS NULL OR p.order_by_on <= %(today)s))
        GROUP BY 1
    )
    SELECT o.id, o.number, c.name, late.promised_at, late.material, late.more, late.purchase_id, late.purchase,
        late.due_at, late.due_at < %(now)s, count(*) OVER ()
    FROM late JOIN erp_salesorder o ON o.id = late.order_id AND o.cancelled_at IS NULL AND o.confirmed_at IS NOT NULL
    JOIN masterdata_partner c ON c.id = o.customer_id
    ORDER BY late.promised_at, o.id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Stopped:
    """A customer's order that goods stop: of one material, and of so many more. No purchase: nobody has ordered it."""

    order_id: int
    number: str
    customer: str
    promised_at: dt.datetime
    material: str
    more: int
    purchase_id: int | None
    purchase: str | None
    due_at: dt.datetime | None
    is_overdue: bool | None
    all: int


@dataclass(frozen=True, slots=True)
class Supplier:
    """How punctual a supplier was of late."""

    supplier_id: int
    name: str
    on_time: int
    deliveries: int
    percent: Decimal
    days_late: Decimal

    @property
    def tone(self) -> str:
        return "late" if self.percent < 70 else "risk" if self.percent < 90 else "done"


def columns(request: HttpRequest, now: dt.datetime, today: dt.date) -> list[list[Panel]]:
    """What to do, and beside it how it stands; nothing for who does not buy."""
    if not may(request.user, DEED):
        return []
    plants = plants_for(request, DEED)
    stopped = Panel(
        _("Orders that wait for goods"),
        url=reverse("erp:purchase_orders") + "?overdue=1",
        link=_("Overdue purchases"),
        calm=_("No customer waits for goods that are overdue, come too late or are not ordered."),
        template="suite/start/_stopped.html",
        rows=stopped_orders(plants, now, today),
    )
    punctual = Panel(
        _("Punctuality of suppliers"),
        url=reverse("erp:punctuality"),
        link=_("All suppliers"),
        calm=_("Nothing was delivered yet."),
        template="suite/start/_punctual.html",
        rows=least_punctual(plants),
    )
    return [[_supply(request.user, plants, today), _orders(request.user, plants, now, today)], [stopped, punctual]]


def _supply(user: Any, plants: Collection[int], today: dt.date) -> Panel:
    """Messages to act on by kind, each with what it is worth at the order's price, else at standard cost."""
    price = Coalesce("purchase_order_line__unit_price", "material__standard_cost")
    amount = Sum(F("quantity") * price, output_field=DecimalField(max_digits=30, decimal_places=6))
    rows = action_messages(today=today).filter(plant__in=plants).exclude(kind="substituted")
    counts: dict[str, int] = defaultdict(int)
    amounts: dict[str, Worth] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for kind, currency, number, value in (
        rows.order_by().values("kind", CURRENCY).annotate(number=Count("pk"), value=amount).values_list(
            "kind", CURRENCY, "number", "value"
        )
    ):  # fmt: skip
        counts[kind] += number
        amounts[kind][currency] += value
    sees_cost = may(user, SEE_COST)
    place = reverse("erp:supply_messages")
    lines = [
        Line(
            kind.label,
            counts[kind.value],
            f"{place}?kind={kind.value}",
            worth(amounts[kind.value]) if sees_cost else "",
            URGENT.get(kind.value, ""),
        )
        for kind in ActionMessage.Kind
    ]
    return Panel(_("Supply to act on"), lines, _("Supply fits demand."), place, _("All messages"))


def _orders(user: Any, plants: Collection[int], now: dt.datetime, today: dt.date) -> Panel:
    """What suppliers have not confirmed or not brought, what is asked of others, invoices that are held."""
    place = reverse("erp:purchase_orders")
    found = listed.counted(plants=plants, now=now)
    sees_cost = may(user, SEE_COST)
    lines = [
        Line(_("Overdue"), found["overdue"], f"{place}?overdue=1", _part(found, "overdue", sees_cost), "late"),
        Line(
            _("Not confirmed"), found["unconfirmed"], f"{place}?unconfirmed=1", _part(found, "unconfirmed", sees_cost),
            "risk",
        ),
        *_asked(user, plants, today),
        *_held(user),
    ]  # fmt: skip
    return Panel(_("Waits for an answer"), lines, _("Every supplier has answered."), place, _("Purchase orders"))


def _part(found: dict[str, Any], name: str, sees_cost: bool) -> str:
    return worth(found[f"{name}_worth"]) if sees_cost else ""


def _asked(user: Any, plants: Collection[int], today: dt.date) -> list[Line]:
    """Requests for quotation that are open, and requisitions that nobody has decided about."""
    asked = QuotationRequest.objects.filter(plant__in=plants, closed_at=None).aggregate(
        all=Count("pk"), over=Count("pk", filter=Q(answer_by__lt=today))
    )
    over = ngettext("%(n)d past its day", "%(n)d past their day", asked["over"]) % {"n": asked["over"]}
    lines = [
        Line(
            _("Requests for quotation"),
            asked["all"],
            reverse("erp:quotation_requests") + "?open=1",
            over if asked["over"] else "",
            "risk" if asked["over"] else "",
        )
    ]
    if may(user, "erp.view_requisition"):
        wanted = Requisition.objects.filter(plant__in=plants, decided_by=None).count()
        lines.append(Line(_("Requisitions to approve"), wanted, reverse("erp:requisitions") + "?waiting=1"))
    return lines


def _held(user: Any) -> list[Line]:
    """Invoices that are held until somebody answers for their difference."""
    if not may(user, SEE_INVOICES):
        return []
    companies = scope_of(user, SEE_INVOICES).companies
    rows = SupplierInvoice.objects.filter(company__in=companies, state=SupplierInvoice.State.HELD)
    count, amounts = 0, {}
    for currency, number, value in (
        rows.order_by().values("currency__code").annotate(number=Count("pk"), value=Coalesce(
            Sum("gross_amount"), Value(ZERO), output_field=DecimalField(max_digits=24, decimal_places=4)
        )).values_list("currency__code", "number", "value")
    ):  # fmt: skip
        count += number
        amounts[currency] = value
    return [Line(_("Held invoices"), count, reverse("erp:supplier_invoices") + "?held=1", worth(amounts), "risk")]


def stopped_orders(plants: Collection[int], now: dt.datetime, today: dt.date) -> list[Stopped]:
    """The first promised first."""
    with connection.cursor() as cursor:
        cursor.execute(_STOPPED, {"plants": list(plants), "now": now, "today": today, "most": SHOWN})
        return [Stopped(*row) for row in cursor.fetchall()]


def least_punctual(plants: Collection[int]) -> list[Supplier]:
    """Those of whose last deliveries the fewest came in time."""
    found = erp_now.punctuality(plant_ids=list(plants), by_material=False)[:SHOWN]
    names = dict(Partner.objects.filter(pk__in=[one.supplier_id for one in found]).values_list("pk", "name"))
    return [
        Supplier(one.supplier_id, names[one.supplier_id], one.on_time, one.deliveries, one.share, one.mean_days_late)
        for one in found
    ]
