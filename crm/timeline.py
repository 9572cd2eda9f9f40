"""How the facts of selling read on an order's timeline."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Contract, Promise, Quotation, RushRequest
from masterdata import shown
from masterdata.models import FactRecord
from masterdata.pages import Happening, timeline


def register() -> None:
    """Tell masterdata's timeline."""
    timeline.register("QuotationAccepted", _accepted)
    timeline.register("OrderScheduled", _scheduled)
    timeline.register("QuotationReopened", _reopened)
    timeline.register("RushTaken", _rush_taken)
    timeline.register("ContractCalledOff", _called_off)
    timeline.register("RushUndone", _rush_undone)
    timeline.register("PromiseChanged", _promise_changed)


def _accepted(records: Sequence[FactRecord]) -> timeline.Told:
    found = Quotation.objects.in_bulk({record.payload["quotation_id"] for record in records})
    return {
        record.pk: Happening(
            record.stated_at,
            _("Quotation %(number)s accepted") % {"number": quotation.number},
            "file-text",
            timeline.who(record),
            url=reverse("crm:quotation", args=[quotation.pk]),
            tone="good",
        )
        for record in records
        if (quotation := found.get(record.payload["quotation_id"]))
    }


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


def _reopened(records: Sequence[FactRecord]) -> timeline.Told:
    found = Quotation.objects.in_bulk({record.payload["quotation_id"] for record in records})
    return {
        record.pk: Happening(
            record.stated_at,
            _("Taken back: off the plan, quotation %(number)s is open again") % {"number": quotation.number},
            "arrow-back-up",
            timeline.who(record),
            url=reverse("crm:quotation", args=[quotation.pk]),
        )
        for record in records
        if (quotation := found.get(record.payload["quotation_id"]))
    }


def _rush_taken(records: Sequence[FactRecord]) -> timeline.Told:
    return _of_requests(records, _("Taken as a rush order"))


def _rush_undone(records: Sequence[FactRecord]) -> timeline.Told:
    return _of_requests(records, _("Given back within seconds"))


def _of_requests(records: Sequence[FactRecord], title: str) -> timeline.Told:
    found = RushRequest.objects.in_bulk({record.payload["request_id"] for record in records})
    return {
        record.pk: Happening(
            record.stated_at,
            title,
            "bolt",
            timeline.who(record),
            request.number,
            reverse("crm:rush_request", args=[request.pk]),
        )
        for record in records
        if (request := found.get(record.payload["request_id"]))
    }


def _promise_changed(records: Sequence[FactRecord]) -> timeline.Told:
    found = Promise.objects.select_related("order_line").in_bulk({record.payload["promise_id"] for record in records})
    return {
        record.pk: Happening(
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
        for record in records
        if (promise := found.get(record.payload["promise_id"]))
    }


def _called_off(records: Sequence[FactRecord]) -> timeline.Told:
    found = Contract.objects.in_bulk({record.payload["contract_id"] for record in records})
    return {
        record.pk: Happening(
            record.stated_at,
            _("Called off from contract %(number)s") % {"number": contract.number},
            "writing-sign",
            timeline.who(record),
            contract.title,
            reverse("crm:contract", args=[contract.pk]),
        )
        for record in records
        if (contract := found.get(record.payload["contract_id"]))
    }
