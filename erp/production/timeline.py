"""What happened to a work order, as its page tells it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from masterdata import shown
from masterdata.models import FactRecord
from masterdata.pages import Happening
from masterdata.pages.timeline import who

MOST = 30


def happened(order: WorkOrder, operations: Iterable[WorkOrderOperation]) -> list[Happening]:
    """The newest first: it was made and released, its operations, what stands in for a component and who said so.

    Two queries.
    """
    found = [Happening(order.made_at, _("Work order made"), "plus"), *_chosen_by_planning(order)]
    found += _decided(order)
    if order.released_at:
        found.append(Happening(order.released_at, _("Released: its material is kept for it"), "circle-dot"))
    for one in operations:
        found += _worked(one)
    if order.closed_at:
        found.append(Happening(order.closed_at, _("Closed, nothing is left in work"), "circle-check", tone="good"))
    return sorted(found, key=lambda one: one.at, reverse=True)


def _worked(one: WorkOrderOperation) -> Iterable[Happening]:
    where = one.machine.code if one.machine else ""
    if one.started_at:
        yield Happening(one.started_at, _("%(op)s started") % {"op": one.name}, "player-play", where)
    if one.finished_at:
        said = _("%(op)s finished, %(good)s good") % {"op": one.name, "good": shown.number(one.good_qty)}
        yield Happening(one.finished_at, said, "check", where, tone="good")


def _chosen_by_planning(order: WorkOrder) -> Iterable[Happening]:
    """What planning put in by itself belongs to how the work was made: nobody decided it at another time."""
    rows = WorkOrderMaterial.objects.filter(work_order=order, choice=WorkOrderMaterial.Choice.PLANNED)
    for row in rows.select_related("material", "instead_of").order_by("line_no"):
        main = row.instead_of.code if row.instead_of else ""
        said = _("%(code)s is used instead of %(main)s") % {"code": row.material.code, "main": main}
        why = _("%(main)s would have come too late, and enough of %(code)s was free")
        detail = why % {"main": main, "code": row.material.code}
        yield Happening(order.made_at, said, "replace", _("Planning"), detail)


_SAID = {
    "released": (_l("Released although material was missing"), "circle-dot"),
    "unreleased": (_l("The release was taken back"), "arrow-back-up"),
    "issued": (_l("Material issued"), "package-export"),
    "returned": (_l("Material given back"), "package-import"),
    "split": (_l("Split"), "arrows-split"),
    "short": (_l("Closed short"), "circle-minus"),
    "cancelled": (_l("Cancelled: nobody needs it"), "circle-x"),
    "replaced": (_l("Made again although it is not needed"), "alert-triangle"),
    "rework": (_l("Sent to rework"), "rotate"),
}


def _decided(order: WorkOrder) -> Iterable[Happening]:
    kinds = {"ComponentReplaced": _replaced, "WorkOrderChanged": _changed}
    records = FactRecord.objects.filter(subject=f"work_order:{order.pk}", kind__in=list(kinds))
    for record in records.select_related("by").order_by("-pk")[:MOST]:
        yield from kinds[record.kind](record)


def _changed(record: FactRecord) -> Iterable[Happening]:
    what, text = record.payload["what"], record.payload["text"]
    if what != "released" or text:  # a release's moment stands on the work order
        sentence, icon = _SAID[what]
        yield Happening(record.stated_at, sentence, icon, who(record), text)


def _replaced(record: FactRecord) -> Iterable[Happening]:
    said = record.payload
    used = _("%(used)s is used again instead of %(before)s") if said["is_kept"] else None
    sentence = (used or _("%(used)s is used instead of %(before)s")) % said
    yield Happening(record.stated_at, sentence, "replace", who(record))
