"""Notices: what a customer is told about a changed promise, once, in honest plain words."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from crm.models import Notice, Promise
from masterdata import live, shown

WHY = {
    Promise.Reason.RUSH: "We took an urgent order first, and it uses machines that your order needs.",
    Promise.Reason.MATERIAL: "Material for your order comes later than we expected.",
    Promise.Reason.SCRAP: "Pieces were lost in production and have to be made again.",
    Promise.Reason.REPLAN: "Work before your order takes longer than we had planned.",
    Promise.Reason.CUSTOMER: "You asked for another date.",
    Promise.Reason.PLAN: "Our plan has changed.",
    Promise.Reason.QUOTE: "Our plan has changed.",
}
"""The cause of a rush or a replan names other customers' orders: the notice says only what kind of cause it was."""
EARLIER = {
    Promise.Reason.CUSTOMER: "You asked for it earlier.",
    Promise.Reason.RUSH: "The urgent order that came first is given up: the date before holds again.",
}


@transaction.atomic
def write_notice(*, promise_id: int, now: dt.datetime | None = None) -> Notice:
    """Tell the customer about this promise version; there is one notice per version, a second call returns it.

    A first promise changes nothing and has no notice: raises ValueError. Locks the promise.
    """
    promise = (
        Promise.objects.select_for_update(of=("self",), no_key=True)
        .select_related("order_line__order__customer", "order_line__plant", "order_line__material__unit")
        .order_by("pk")
        .get(pk=promise_id)
    )
    written = Notice.objects.filter(promise=promise).first()
    if written is not None:
        return written
    if promise.version_no == 1:
        raise ValueError(f"promise {promise_id} is the first promise of its line: nothing changed")
    before = Promise.objects.get(order_line_id=promise.order_line_id, version_no=promise.version_no - 1)
    moment = now or timezone.now()
    subject, body = _words(promise, before, moment)
    order = promise.order_line.order
    notice = Notice.objects.create(
        promise=promise, customer=order.customer, subject=subject, body=body, written_at=moment
    )
    live.publish("notice", order.pk)
    return notice


def _words(promise: Promise, before: Promise, now: dt.datetime) -> tuple[str, str]:
    line = promise.order_line
    order = line.order
    with timezone.override(ZoneInfo(line.plant.time_zone)):
        today = timezone.localdate(now)
        old, new = shown.when(before.promised_at, today), shown.when(promise.promised_at, today)
    reference = f" (your reference {order.customer_reference})" if order.customer_reference else ""
    what = f"{shown.quantity(line.quantity, line.material.unit)} {line.material.name}"
    is_later = promise.promised_at > before.promised_at
    when = "later" if is_later else "earlier"
    close = "We are sorry. If the new date does not suit you" if is_later else "If the new date does not suit you"
    reason = why(promise) if is_later else EARLIER.get(Promise.Reason(promise.reason), WHY[Promise.Reason.PLAN])
    body = (
        f"Dear {order.customer.name},\n\n"
        f"your order {order.number}{reference}, line {line.line_no}: {what}, "
        f"will be delivered {when} than promised.\n\n"
        f"Promised: {old}\nNew date: {new}\n\n"
        f"Why: {reason}\n\n"
        f"{close}, please tell us, and we will look for another way.\n"
    )
    return f"Order {order.number}: new delivery date {new}", body


def why(promise: Promise) -> str:
    """The reason as a customer may read it: our machine by name, never another customer."""
    if promise.reason == Promise.Reason.BREAKDOWN:
        return f"{promise.cause.rstrip('.')}."
    return WHY[Promise.Reason(promise.reason)]
