"""What a run tells: action messages, days of order lines, work that became firm. Only differences are written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from erp.planning.levels import Run, Wanted
from erp.planning.reading import Ground
from erp.planning.rows import LINE, PLANNED, WORK, Demand, Message
from erp.planning.writing import Writer
from masterdata import statements
from masterdata.numbers import ZERO
from masterdata.statements import columns
from masterdata.worktime import end_of_day

_MESSAGES = """
    SELECT id, material_id, kind, work_order_id, purchase_order_line_id, planned_order_id, need_id, substitute_id,
        quantity, from_on, to_on
    FROM erp_actionmessage WHERE plant_id = %s AND material_id = ANY(%s::bigint[])
"""
_DROP = "DELETE FROM erp_actionmessage WHERE id = ANY(%s)"
_NEW = """
    INSERT INTO erp_actionmessage (plant_id, material_id, kind, work_order_id, purchase_order_line_id, planned_order_id,
        need_id, substitute_id, quantity, from_on, to_on, made_at, version)
    SELECT %s, n.material, n.kind, n.work, n.line, n.planned, n.need, n.substitute, n.quantity, n.from_on,
        n.to_on, %s, 1
    FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
        %s::numeric[], %s::date[], %s::date[])
        AS n(material, kind, work, line, planned, need, substitute, quantity, from_on, to_on)
"""
_CHANGED = """
    UPDATE erp_actionmessage m SET substitute_id = n.substitute, quantity = n.quantity, from_on = n.from_on,
        to_on = n.to_on, dismissed_until = NULL, made_at = %s, version = m.version + 1
    FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::date[], %s::date[])
        AS n(id, substitute, quantity, from_on, to_on)
    WHERE m.id = n.id
"""
# A line that an order's own work is made for has its date from the plan. What somebody holds just now is left alone.
_DATES = """
    WITH wanted AS MATERIALIZED (
        SELECT l.id, l.order_id, l.material_id, l.expected_at IS NULL AS is_first, n.at
        FROM unnest(%s::bigint[], %s::timestamptz[]) AS n(id, at) JOIN erp_salesorderline l ON l.id = n.id
        WHERE l.expected_at IS DISTINCT FROM n.at
            AND NOT EXISTS (SELECT 1 FROM erp_workorder w WHERE w.sales_order_line_id = l.id
                            AND w.state IN ('firm', 'released'))
    ), held AS MATERIALIZED (
        SELECT l.id FROM erp_salesorderline l WHERE l.id IN (SELECT id FROM wanted)
        ORDER BY l.id FOR NO KEY UPDATE SKIP LOCKED
    ), dated AS (
        UPDATE erp_salesorderline l SET expected_at = wanted.at FROM wanted JOIN held USING (id)
        WHERE l.id = wanted.id RETURNING l.id
    )
    SELECT wanted.order_id, wanted.is_first, wanted.material_id, dated.id IS NOT NULL
    FROM wanted LEFT JOIN dated USING (id)
"""


@dataclass(slots=True)
class Told:
    """What changed for others: work that became firm, firm work of which a component was replaced, orders with new
    dates, and those that had none before.

    `left_out`: materials of lines that somebody held, whose dates the next run writes.
    """

    firm_ids: list[int]
    replaced_ids: list[int]
    order_ids: list[int]
    first_dates: bool
    changes: int
    left_out: set[int]


def tell(*, ground: Ground, run: Run, writer: Writer) -> Told:
    """Write messages and dates of the planned materials."""
    changes = _messages(ground, run, writer)
    found = _dates(ground, run, writer)
    dated = [row for row in found if row[3]]
    firm = [writer.id_of(one.lot.id) for one in run.work if one.is_firm]
    orders = sorted({row[0] for row in dated})
    replaced = {one.parent_id or 0 for one in run.need_quantities if one.main is not None and not one.is_proposed}
    left_out = {row[2] for row in found if not row[3]}
    return Told(firm, sorted(replaced), orders, any(row[1] for row in dated), changes + len(dated), left_out)


def _messages(ground: Ground, run: Run, writer: Writer) -> int:
    wanted = {message.key: message for message in wanted_messages(ground, run, writer)}
    written = {_key(row): row for row in statements.run(_MESSAGES, [ground.plant.pk, statements.array(run.outcomes)])}
    with connection.cursor() as cursor:
        if gone := [row[0] for key, row in written.items() if key not in wanted]:
            cursor.execute(_DROP, [gone])
        new = [_row(message) for key, message in wanted.items() if key not in written]
        if new:
            cursor.execute(_NEW, [ground.plant.pk, writer.now, *columns(new)])
        changed = [
            (written[key][0], *_said(message))
            for key, message in wanted.items()
            if key in written and written[key][7:] != _said(message)
        ]
        if changed:
            cursor.execute(_CHANGED, [writer.now, *columns(changed)])
    return len(gone) + len(new) + len(changed)


def wanted_messages(ground: Ground, run: Run, writer: Writer) -> list[Message]:
    """Those about firm supply, and for each planned order: order or send it, and that its day had passed."""
    found = [_with_real_ids(message, writer) for message in run.messages]
    late = {(one.item.kind == "make", one.lot.id): one for one in (*run.work, *run.planned)}
    for material_id, outcome in run.outcomes.items():
        found += outcome.messages
        is_made = ground.items[material_id].kind == "make"
        bring = "send" if ground.items[material_id].kind == "transfer" else "order"
        for lot in outcome.lots:
            pk = writer.id_of(lot.id)
            where = (WORK if is_made else PLANNED), pk
            if is_made and ground.items[material_id].bom_id is None:
                found.append(Message(material_id, "incomplete", lot.quantity, lot.start_on, lot.due_on, where))
            if not is_made:
                found.append(Message(material_id, bring, lot.quantity, lot.start_on, lot.due_on, where))
            if lot.wished_on < ground.days.today and not _firm(late.get((is_made, lot.id))):
                found.append(Message(material_id, "redated", lot.quantity, lot.wished_on, lot.start_on, where))
        for one in ground.firm_planned[material_id]:
            found.append(
                Message(material_id, "order" if one.source_plant_id is None else "send", one.quantity,
                        one.start_on or ground.days.today, one.due_on, (PLANNED, one.id))
            )  # fmt: skip
    return found


def _firm(one: Wanted | None) -> bool:
    return one is not None and one.is_firm


def _with_real_ids(message: Message, writer: Writer) -> Message:
    work_id = writer.id_of(message.supply[1]) if message.supply else 0
    return replace(message, supply=(WORK, work_id), need_id=writer.id_of(message.need_id or 0))


def _said(message: Message) -> tuple:
    return message.substitute_id, message.quantity, message.from_on, message.to_on


def _key(row: tuple) -> tuple[int, str, tuple[str, int] | None, int | None]:
    _, material_id, kind, work_id, line_id, planned_id, need_id, *_ = row
    supply = (
        (WORK, work_id) if work_id else (LINE, line_id) if line_id else (PLANNED, planned_id) if planned_id else None
    )
    return material_id, kind, supply, need_id


def _row(message: Message) -> list[Any]:
    kind, pk = message.supply or ("", None)
    ends = [pk if kind == one else None for one in (WORK, LINE, PLANNED)]
    return [message.material_id, message.kind, *ends, message.need_id, *_said(message)]


def _dates(ground: Ground, run: Run, writer: Writer) -> list[tuple]:
    """When each line that waits is there: the day of its last supply, plus transport. What is kept whole comes now."""
    transport = dt.timedelta(minutes=ground.plant.transport_min)
    times = {pk: end_of_day(day, ground.days.zone) + transport for pk, day in run.ready_on.items()}
    for demand in kept_whole(run):
        times[demand.id] = writer.now + transport
    if not times:
        return []
    return statements.run(_DATES, columns(sorted(times.items())))


def kept_whole(run: Run) -> list[Demand]:
    """Order lines of which this run keeps the last missing piece."""
    return [
        demand
        for outcome in run.outcomes.values()
        for demand, quantity in outcome.reserved
        if demand.kind == "sales_order_line" and demand.id not in run.ready_on and quantity - demand.open == ZERO
    ]
