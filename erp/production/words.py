"""A work order's cells in words: for whom, how many, where it is now, how much time is spare."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from masterdata import drawn, lateness, shown
from masterdata.markup import address, filled
from masterdata.numbers import ZERO


def for_whom(row: Any) -> SafeString:
    """The order and its customer; a link where the view has set `sees_order`."""
    line = row.sales_order_line
    if line is None:
        return drawn.dash(_("For stock"))
    number = filled('<span class="tl-code w5">{}</span>', line.order.number)
    if row.sees_order:
        number = filled('<a class="row-link" href="{}">{}</a>', address("erp:order", line.order_id), number)
    return filled('{} <span class="t2">{}</span>', number, line.order.customer.name)


def good_of(row: Any) -> SafeString:
    return filled('{} <span class="t3">{}</span> {}', shown.number(row.good_qty), _("of"), shown.number(row.quantity))


def now_at(row: Any) -> SafeString:
    operation = row.progress.at
    if operation is None:
        return drawn.dash(_("Every operation is finished"))
    reported = operation.reported_qty
    machine = operation.machine or operation.planned_machine
    if operation.started_at:
        parts = [operation.name, machine.code if machine else "", shown.number(reported) if reported else ""]
        return filled('<span class="s12 c-running">{}</span>', ", ".join(filter(None, parts)))
    where = machine.code if machine else operation.work_centre.name
    return filled('<span class="s12 t2">{}, {}</span>', operation.name, where)


def spare(row: Any) -> SafeString:
    """The promise of its order line, and how far the plan is from it."""
    line = row.sales_order_line
    if line is None or line.promised_at is None:
        return drawn.dash(_("Nothing is promised yet"))
    day = drawn.timed(line.promised_at, formats.date_format(timezone.localtime(line.promised_at), "j M"))
    if line.expected_at is None:
        return day
    return filled('{} <span class="s12 {}">{}</span>', day, *spare_words(line.promised_at, line.expected_at))


def spare_words(promised: datetime, expected: datetime) -> tuple[str, str]:
    """Colour and words for the time between expected and promised: red late, amber under a day, green else."""
    days = Decimal((promised - expected).total_seconds()) / 86400
    if lateness.is_late(promised, expected):
        return "c-late", _("%(days)s d late") % {"days": shown.number(-days, 0 if days <= -10 else 1)}
    days = max(days, ZERO)
    tone = "c-risk" if days < 1 else "c-done"
    return tone, _("%(days)s d spare") % {"days": shown.number(days, 0 if days >= 10 else 1)}
