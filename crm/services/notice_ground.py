"""What notices are written from: lines that moved from what their customers know, in a few queries for all orders."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import connection

from crm.models import CustomerTerms, NoticeCause, NoticeRule, NoticeWish, Promise, PromisePolicy
from crm.services.notice_rules import usual_rules
from crm.services.notice_words import zone
from erp.models import SalesOrder
from masterdata.models import FactRecord, Machine

DAY = dt.timedelta(days=1)

# Open lines of these orders whose promise in force is another version than the one that the customer knows: the newest
# that was told, that the customer asked for or took, or the first.
_MOVED = """
    SELECT l.order_id, l.id, l.line_no, l.quantity, u.code, m.name, p.time_zone, known.id, known.version_no,
        known.promised_at, now.id, now.promised_at
    FROM erp_salesorderline l
    JOIN erp_salesorder o ON o.id = l.order_id AND o.cancelled_at IS NULL
    JOIN masterdata_plant p ON p.id = l.plant_id
    JOIN masterdata_material m ON m.id = l.material_id
    JOIN masterdata_unit u ON u.id = m.unit_id
    JOIN crm_promise now ON now.order_line_id = l.id AND now.closed_at IS NULL AND now.version_no > 1
    JOIN LATERAL (
        SELECT k.id, k.version_no, k.promised_at FROM crm_promise k
        WHERE k.order_line_id = l.id AND (k.version_no = 1 OR k.reason = 'customer' OR EXISTS (
            SELECT FROM crm_noticeline nl JOIN crm_notice n ON n.id = nl.notice_id
            WHERE nl.promise_id = k.id AND n.state = 'queued'))
        ORDER BY k.version_no DESC LIMIT 1
    ) known ON known.version_no < now.version_no
    WHERE l.order_id = ANY(%(orders)s) AND l.shipped_qty < l.quantity
    ORDER BY l.order_id, l.line_no
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """A line whose promise is later than its customer knows. `reason`, `fact_id`: of the version that moved it most."""

    order_id: int
    line_id: int
    line_no: int
    quantity: Decimal
    unit_code: str
    what: str
    time_zone: str
    known_id: int
    known_at: dt.datetime
    promise_id: int
    promised_at: dt.datetime
    reason: str
    fact_id: uuid.UUID | None
    facts: tuple[uuid.UUID, ...]

    @property
    def move(self) -> dt.timedelta:
        return self.promised_at - self.known_at

    @property
    def days(self) -> int:
        """From the plant's day that the customer knows to the new one."""
        here = zone(self.time_zone)
        return (self.promised_at.astimezone(here).date() - self.known_at.astimezone(here).date()).days

    def is_seen(self, policy: PromisePolicy, has_hours: bool) -> bool:
        """Whether the customer sees a difference: another day, or with hours more than the noise."""
        if not has_hours and policy.is_same_day_noise:
            return self.days > 0
        return self.move >= dt.timedelta(minutes=policy.noise_min)


def moved_lines(order_ids: Collection[int]) -> list[Moved]:
    """Of these orders, in their order. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, {"orders": list(order_ids)})
        rows = cursor.fetchall()
    since = {row[1]: row[8] for row in rows}
    versions: dict[int, list[Any]] = defaultdict(list)
    told = Promise.objects.filter(order_line__in=since).order_by("order_line", "version_no")
    for line_id, version_no, at, reason, fact_id in told.values_list(
        "order_line_id", "version_no", "promised_at", "reason", "fact_id"
    ):
        if version_no >= since[line_id]:
            versions[line_id].append((at, reason, fact_id))
    return [_moved(row, versions[row[1]]) for row in rows]


def _moved(row: Any, versions: Sequence[Any]) -> Moved:
    jumps = [(after[0] - before[0], after[1], after[2]) for before, after in pairwise(versions)]
    _, reason, fact_id = max(jumps, key=lambda jump: jump[0])
    facts = tuple(dict.fromkeys(jump[2] for jump in jumps if jump[2] is not None))
    order_id, line_id, line_no, quantity, unit, what, time_zone, known_id, _no, known_at, promise_id, at = row
    return Moved(
        order_id, line_id, line_no, quantity, unit, what, time_zone, known_id, known_at, promise_id, at,
        reason, fact_id, facts,
    )  # fmt: skip


@dataclass
class Ground:
    """Orders with their customers, how those want to be told, and the rules of their companies."""

    orders: dict[int, SalesOrder]
    policies: dict[int, PromisePolicy]
    wishes: dict[int, NoticeWish]
    groups: dict[int, int | None]
    rules: dict[int, list[NoticeRule]]
    told: set[tuple[int, uuid.UUID]]
    kinds: dict[uuid.UUID, dict[str, str]] = field(default_factory=dict)

    def policy(self, order: SalesOrder) -> PromisePolicy:
        return self.policies.get(order.company_id) or PromisePolicy(company_id=order.company_id)

    def wish(self, order: SalesOrder) -> NoticeWish:
        return self.wishes.get(order.customer_id) or NoticeWish(customer_id=order.customer_id)

    def rule(self, order: SalesOrder, reason: str, days: int, language: str) -> NoticeRule:
        """The first that fits; without one somebody has to look."""
        for rule in self.rules.get(order.company_id) or usual_rules(order.company_id):
            if _fits(rule, order, reason, days, language, self.groups.get(order.customer_id)):
                return rule
        return NoticeRule(company_id=order.company_id, rank=0, action=NoticeRule.Action.HOLD)


def _fits(rule: NoticeRule, order: SalesOrder, reason: str, days: int, language: str, group_id: int | None) -> bool:
    return (
        rule.reason in ("", reason)
        and rule.days_from <= days
        and (rule.days_to is None or days <= rule.days_to)
        and rule.customer_id in (None, order.customer_id)
        and rule.group_id in (None, group_id)
        and rule.language in ("", language)
    )


def ground_of(order_ids: Collection[int], facts: Collection[uuid.UUID], waiting: Collection[int]) -> Ground:
    """Seven queries, however many orders. Causes of the `waiting` notices are not told yet."""
    orders = SalesOrder.objects.select_related("customer", "company").in_bulk(list(order_ids))
    companies = {order.company_id for order in orders.values()}
    customers = {order.customer_id for order in orders.values()}
    rules = defaultdict[int, list[NoticeRule]](list)
    for rule in NoticeRule.objects.filter(company__in=companies, is_active=True).order_by("rank", "pk"):
        rules[rule.company_id].append(rule)
    told = NoticeCause.objects.filter(order__in=orders).exclude(notice__in=waiting)
    return Ground(
        orders,
        {policy.company_id: policy for policy in PromisePolicy.objects.filter(company__in=companies)},
        {wish.customer_id: wish for wish in NoticeWish.objects.filter(customer__in=customers)},
        dict(CustomerTerms.objects.filter(customer__in=customers).values_list("customer_id", "group_id")),
        rules,
        set(told.values_list("order_id", "fact_id")),
        _kinds(facts),
    )


def _kinds(fact_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
    """Of facts about a machine, by how much of it is said: the work centre that it belongs to, its own number too."""
    down = FactRecord.objects.filter(pk__in=fact_ids, kind="MachineDown")
    machines = {pk: payload.get("machine_id") for pk, payload in down.values_list("pk", "payload")}
    rows = Machine.objects.filter(pk__in=set(machines.values())).values_list("pk", "code", "work_centre__name")
    names = {pk: {"kind": centre, "code": f"{centre} {code}"} for pk, code, centre in rows}
    return {pk: names[machine_id] for pk, machine_id in machines.items() if machine_id in names}
