"""How the hub's facts read on an order's timeline."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from erp.production.models import WorkOrderOperation
from masterdata import shown
from masterdata.models import FactRecord, Plant
from masterdata.pages import Happening, timeline


def register() -> None:
    """Tell masterdata's timeline."""
    timeline.register("OrderConfirmed", _confirmed)
    timeline.register("OperationReported", _reported)
    timeline.register("CreditReleased", _released)
    timeline.register("OrderCancelled", _cancelled)
    timeline.register("LineMoved", _moved)


def _happening(record: FactRecord, sentence: str, icon: str, detail: str = "", tone: str = "") -> Happening:
    return Happening(record.stated_at, sentence, icon, timeline.who(record), detail, tone=tone)


def _ids(records: Sequence[FactRecord], name: str) -> set[int]:
    return {record.payload[name] for record in records}


def _confirmed(records: Sequence[FactRecord]) -> timeline.Told:
    return {record.pk: _happening(record, _("Order confirmed"), "circle-check", tone="good") for record in records}


def _released(records: Sequence[FactRecord]) -> timeline.Told:
    return {
        record.pk: _happening(record, _("Let pass by credit"), "cash", record.payload["reason"]) for record in records
    }


def _cancelled(records: Sequence[FactRecord]) -> timeline.Told:
    return {
        record.pk: _happening(record, _("Cancelled what had not left"), "circle-x", record.payload["reason"], "bad")
        for record in records
    }


def _moved(records: Sequence[FactRecord]) -> timeline.Told:
    plants = dict(Plant.objects.filter(pk__in=_ids(records, "plant_id")).values_list("pk", "name"))
    return {
        record.pk: _happening(
            record,
            _("Line %(line)s is made in %(plant)s")
            % {"line": record.payload["line_no"], "plant": plants.get(record.payload["plant_id"], "")},
            "building-factory-2",
            record.payload["text"],
        )
        for record in records
    }


def _reported(records: Sequence[FactRecord]) -> timeline.Told:
    found = WorkOrderOperation.objects.select_related("machine", "work_order__material").in_bulk(
        _ids(records, "operation_id")
    )
    return {
        record.pk: _report(record, found[record.payload["operation_id"]])
        for record in records
        if record.payload["operation_id"] in found
    }


def _report(record: FactRecord, operation: WorkOrderOperation) -> Happening:
    good, scrap = Decimal(record.payload["good_qty"]), Decimal(record.payload["scrap_qty"])
    counted = _("%(good)s good") % {"good": shown.number(good)}
    if scrap:
        counted = _("%(good)s, %(scrap)s scrap") % {"good": counted, "scrap": shown.number(scrap)}
    if rework := Decimal(record.payload.get("rework_qty", 0)):
        counted = _("%(counted)s, %(rework)s to rework") % {"counted": counted, "rework": shown.number(rework)}
    done = operation.name
    if operation.machine is not None:
        done = _("%(operation)s at %(machine)s") % {"operation": done, "machine": operation.machine.code}
    is_finished = bool(record.payload["is_finished"])
    return _happening(
        record,
        f"{done}: {counted}",
        "check" if is_finished else "player-play",
        operation.work_order.material.name,
        "bad" if scrap else "good" if is_finished else "",
    )
