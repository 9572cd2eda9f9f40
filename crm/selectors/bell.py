"""What rings at a person's bell beside reminders and answers: what waits for a yes, and what stands still."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Notice, QuotationApproval, RushApproval
from masterdata.access import may
from masterdata.models import WebhookEndpoint
from masterdata.rights import visible_to

MOST = 12
"""So many of each kind are read and shown."""
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Ring:
    """One line of the bell."""

    icon: str
    text: str
    beside: str
    url: str
    at: dt.datetime | None = None


def rings(user: Any) -> list[Ring]:
    """All of them, a kind after the other; one query for each kind that the user may decide, however many there are."""
    return [ring for kind in (_prices, _rushes, _notices, _webhooks) for ring in kind(user)]


def _prices(user: Any) -> list[Ring]:
    """Prices that somebody else asked for: nobody decides their own."""
    rows = _decided_by(user, "crm.approve_discount", QuotationApproval.objects.filter(decision="open"))
    for mine in ("asked_by", "quotation__made_by", "quotation__changed_by"):
        rows = rows.exclude(**{mine: user.pk})
    return [
        Ring(
            "shield-check",
            _("Price of %(number)s") % {"number": one.quotation.number},
            one.quotation.customer.name,
            reverse("crm:approval", args=[one.pk]),
            one.asked_at,
        )
        for one in _first(rows.select_related("quotation__customer"))
    ]


def _rushes(user: Any) -> list[Ring]:
    rows = _decided_by(user, "crm.approve_rush", RushApproval.objects.filter(state=RushApproval.State.ASKED))
    return [
        Ring(
            "bolt",
            _("Option of %(number)s") % {"number": one.request.number},
            one.request.customer.name,
            reverse("crm:rush_request", args=[one.request_id]),
            one.asked_at,
        )
        for one in _first(rows.exclude(asked_by=user.pk).select_related("request__customer"))
    ]


def _notices(user: Any) -> list[Ring]:
    rows = _decided_by(user, "crm.approve_notice", Notice.objects.filter(state=Notice.State.HELD))
    return [
        Ring(
            "message-exclamation", one.subject, one.customer.name, reverse("crm:notice", args=[one.pk]), one.written_at
        )
        for one in _first(rows.select_related("customer"))
    ]


def _webhooks(user: Any) -> list[Ring]:
    """Endpoints that were switched off because they did not answer; one that somebody paused is quiet."""
    silent = WebhookEndpoint.objects.filter(is_active=False).exclude(stopped_because="")
    rows = _decided_by(user, "masterdata.manage_webhooks", silent)
    return [
        Ring("webhook", one.name, one.stopped_because, reverse("suite:webhook", args=[one.pk])) for one in _first(rows)
    ]


def _decided_by(user: Any, deed: str, rows: QuerySet[Row]) -> QuerySet[Row]:
    """Those that the user may decide; without the deed none, and then nothing is asked of the database."""
    return visible_to(user, rows, deed) if may(user, deed) else rows.none()


def _first(rows: QuerySet[Any]) -> list[Any]:
    return list(rows.order_by("-pk")[:MOST])
