"""How the facts of selling read on an order's timeline."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.models import Contract, Promise, Quotation, RushRequest
from masterdata import shown
from masterdata.models import FactRecord
from masterdata.pages import Happening, timeline


def register() -> None:
    """Tell masterdata's timeline."""
    quotations, requests, contracts = Quotation.objects.all(), RushRequest.objects.all(), Contract.objects.all()
    promises = Promise.objects.select_related("order_line")
    taken, undone = gettext_noop("Taken as a rush order"), gettext_noop("Given back within seconds")
    timeline.register_about("QuotationAccepted", quotations, "quotation_id", _accepted)
    timeline.register("OrderScheduled", _scheduled)
    timeline.register_about("QuotationReopened", quotations, "quotation_id", _reopened)
    timeline.register_about("RushTaken", requests, "request_id", partial(_of_request, taken))
    timeline.register_about("ContractCalledOff", contracts, "contract_id", _called_off)
    timeline.register_about("RushUndone", requests, "request_id", partial(_of_request, undone))
    timeline.register_about("PromiseChanged", promises, "promise_id", _promise_changed)


def _accepted(record: FactRecord, quotation: Quotation) -> Happening:
    return Happening(
        record.stated_at,
        _("Quotation %(number)s accepted") % {"number": quotation.number},
        "file-text",
        timeline.who(record),
        url=reverse("crm:quotation", args=[quotation.pk]),
        tone="good",
    )


def _scheduled(records: Sequence[FactRecord]) -> timeline.Told:
    return {
        record.pk: Happening(
            record.stated_at,
            _("Scheduled at once, nobody else moved"),
            "calendar-check",
            timeline.who(record),
            detail=_("Plan %(numbers)s") % {"numbers": ", ".join(map(str, record.payload["plan_numbers"]))},
            tone="good",
        )
        for record in records
    }


def _reopened(record: FactRecord, quotation: Quotation) -> Happening:
    return Happening(
        record.stated_at,
        _("Taken back: off the plan, quotation %(number)s is open again") % {"number": quotation.number},
        "arrow-back-up",
        timeline.who(record),
        url=reverse("crm:quotation", args=[quotation.pk]),
    )


def _of_request(title: str, record: FactRecord, request: RushRequest) -> Happening:
    return Happening(
        record.stated_at,
        _(title),
        "bolt",
        timeline.who(record),
        request.number,
        reverse("crm:rush_request", args=[request.pk]),
    )


def _promise_changed(record: FactRecord, promise: Promise) -> Happening:
    return Happening(
        record.stated_at,
        _("Promise %(version)s of line %(line)s: %(day)s")
        % {
            "version": promise.version_no,
            "line": promise.order_line.line_no,
            "day": shown.day(promise.promised_at),
        },
        "flag",
        detail=promise.cause,
        tone="bad",
    )


def _called_off(record: FactRecord, contract: Contract) -> Happening:
    return Happening(
        record.stated_at,
        _("Called off from contract %(number)s") % {"number": contract.number},
        "writing-sign",
        timeline.who(record),
        contract.title,
        reverse("crm:contract", args=[contract.pk]),
    )
