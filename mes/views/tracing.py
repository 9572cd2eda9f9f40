"""Traceability in the office: search a lot, see where it came from and what became of it, recall what it reached."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.models import Lot, WorkOrder
from masterdata.access import Guarded, may, visible_to
from masterdata.pages import DeedView, FormPage, OneRow
from masterdata.pages.exports import as_csv
from mes import genealogy_picture, services
from mes.selectors import tracing
from mes.selectors.tracing import BACKWARD, FORWARD, Graph, Node

SEE, RECALL = "mes.view_trace", "mes.recall_lots"
SHOWN = 300
WAYS = (("", _l("Both ways")), (BACKWARD, _l("Where it came from")), (FORWARD, _l("What became of it")))
WORDS = {
    "lot": (_l("Lot"), "barcode"),
    "serial": (_l("Serial number"), "barcode"),
    "work": (_l("Work order"), "list-check"),
    "receipt": (_l("Bought with"), "truck-delivery"),
    "sent_back": (_l("Sent back with"), "truck-delivery"),
    "shipment": (_l("Shipped with"), "package"),
    "came_back": (_l("Came back from"), "arrows-exchange"),
}
LONGEST = 25


class Trace(Guarded):
    """Type or scan a lot, a serial number, a work order, a package or a shipment."""

    permission = SEE

    def get(self, request: HttpRequest) -> HttpResponseBase:
        text = request.GET.get("q", "").strip()
        found = tracing.lots_called(request.user, text)
        if text and len(found) == 1:
            return redirect("mes:trace_lot", pk=found[0].pk)
        if text and not found:
            nodes = tracing.starting_nodes(request.user, text)
            if len(nodes) == 1 and nodes[0] < 0:
                return redirect("mes:trace_work", pk=-nodes[0])
            found = list(tracing.lots_seen(request.user).filter(pk__in=nodes).order_by("pk"))
        recent = [] if text else list(tracing.lots_seen(request.user).order_by("-pk")[:20])
        context = {"page_title": _("Trace"), "text": text, "found": found, "recent": recent}
        return render(request, "mes/trace_search.html", context)


class _Traced(OneRow):
    """The graph around one row, as a picture and as a table."""

    permission = SEE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row, way = self.get_object(), request.GET.get("way", "")
        way = way if way in (FORWARD, BACKWARD) else ""
        graph = tracing.trace(nodes=[self.node(row)], direction=way, user=request.user)
        if "csv" in request.GET:
            return as_csv(f"trace-{row.number}", _HEADS, _lines(graph))
        context = {
            "object": row,
            "page_title": row.number,
            "subtitle": f"{row.material.code} · {row.material.name}",
            "back": (_("Trace"), reverse("mes:trace")),
            "way": way,
            "ways": WAYS,
            "graph": graph,
            "picture": drawn(graph),
            "rows": [_row(graph, link) for link in graph.links[:SHOWN]],
            "more": max(0, len(graph.links) - SHOWN),
            "recall": self.recall(row),
            "breaks": graph.breaks,
        }
        return render(request, "mes/trace.html", context)

    @abstractmethod
    def node(self, row: Any) -> int: ...

    def recall(self, row: Any) -> str:
        return ""


class TraceLot(_Traced):
    """Around a lot or serial number."""

    def get_rows(self) -> QuerySet[Lot]:
        return tracing.lots_seen(self.request.user)

    def node(self, row: Any) -> int:
        return int(row.pk)

    def recall(self, row: Any) -> str:
        return reverse("mes:recall", args=[row.pk])


class TraceWork(_Traced):
    """Around a work order."""

    def get_rows(self) -> QuerySet[WorkOrder]:
        return visible_to(self.request.user, WorkOrder.objects.select_related("material"), SEE)

    def node(self, row: Any) -> int:
        return -int(row.pk)


_HEADS = ("From", "Name", "To", "Name", "Quantity", "Unit", "Operation", "When")


def _lines(graph: Graph) -> Sequence[Sequence[Any]]:
    found = []
    for link in graph.links:
        a, b = graph.nodes[link.source], graph.nodes[link.target]
        when = timezone.localtime(link.at).strftime("%Y-%m-%d %H:%M") if link.at else ""
        found.append([a.title, a.detail, b.title, b.detail, link.quantity, link.unit, link.step, when])
    return found


def _row(graph: Graph, link: Any) -> dict[str, Any]:
    return {"a": shown_node(graph.nodes[link.source]), "b": shown_node(graph.nodes[link.target]), "link": link}


def shown_node(node: Node) -> dict[str, Any]:
    """What the page writes of a node."""
    word, icon = WORDS[node.kind]
    title = node.title if not node.is_hidden else _("In another plant")
    return {"node": node, "word": word, "icon": icon, "title": title}


def drawn(graph: Graph) -> dict[str, Any]:
    """The picture with the words of its boxes."""
    links = [(link.source, link.target) for link in graph.links]
    picture = genealogy_picture.lay_out(keys=list(graph.nodes), links=links, starts=graph.starts)
    boxes = []
    for box in picture.boxes:
        shown = shown_node(graph.nodes[box.key]) if box.key else None
        boxes.append(
            {
                "box": box,
                "shown": shown,
                "title": _cut(shown["title"]) if shown else "",
                "detail": _cut(shown["node"].detail, LONGEST + 6) if shown else "",
                "is_start": box.key in graph.starts,
            }
        )
    perhaps = {(one.source, one.target) for one in graph.links if one.is_perhaps}
    ways = [(one, (one.source, one.target) in perhaps) for one in picture.curves]
    return {"picture": picture, "boxes": boxes, "ways": ways}


def _cut(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


class RecallPage(OneRow):
    """Whom a lot reached and what of it is still here; as a file too."""

    permission = SEE

    def get_rows(self) -> QuerySet[Lot]:
        return tracing.lots_seen(self.request.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        lot = self.get_object()
        recall = tracing.recall_of(lots=[lot], user=request.user)
        sees_customers = may(request.user, "erp.view_order")
        if "csv" in request.GET and sees_customers:
            return as_csv(f"recall-{lot.number}", _RECALL_HEADS, _recall_lines(recall))
        context = {
            "object": lot,
            "page_title": _("Recall of %(number)s") % {"number": lot.number},
            "subtitle": f"{lot.material.code} · {lot.material.name}",
            "back": (lot.number, reverse("mes:trace_lot", args=[lot.pk])),
            "recall": recall,
            "shipped": recall.shipped[:SHOWN],
            "more": max(0, len(recall.shipped) - SHOWN),
            "sees_customers": sees_customers,
            "may_recall": may(request.user, RECALL),
            "opens_lots": may(request.user, "erp.view_stock"),
            "opens_work": may(request.user, "erp.view_work_order"),
            "opens_partners": may(request.user, "masterdata.view"),
        }
        return render(request, "mes/recall.html", context)


_RECALL_HEADS = (
    "Customer", "Name", "Contact", "E-mail", "Phone", "Order", "Shipment", "Shipped", "Material", "Name of material",
    "Lot", "Quantity", "Came back", "Unit", "Certain",
)  # fmt: skip


def _recall_lines(recall: tracing.Recall) -> list[list[Any]]:
    return [
        [
            row.customer.code, row.customer.name, row.contact, row.email, row.phone, row.order_no, row.shipment_no,
            timezone.localtime(row.shipped_at).strftime("%Y-%m-%d"), row.material.code, row.material.name, row.lot_no,
            row.quantity, row.back_qty, row.material.unit.code, said,
        ]
        for found, said in ((recall, "yes"), (recall.perhaps, "perhaps"))
        for row in (found.shipped if found else ())
    ]  # fmt: skip


class BecauseForm(forms.Form):
    """Why all of it is blocked."""

    because = forms.CharField(
        label=_l("Because"), max_length=200, help_text=_l("Whoever finds one of the lots reads it")
    )


class BlockRecall(FormPage):
    """Nothing that the lot reached is offered, taken or shipped any more."""

    permission, form_class = RECALL, BecauseForm
    submit_label: ClassVar[Any] = _l("Block all of them")
    done_message = _l("Blocked. Who had any of it reserved is supplied again.")

    @property
    def lot(self) -> Lot:
        rows = tracing.lots_seen(self.request.user, RECALL)
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_title(self) -> Any:
        return _("Block all that %(number)s reached") % {"number": self.lot.number}

    def get_back(self) -> tuple[Any, str]:
        return _("Recall of %(number)s") % {"number": self.lot.number}, reverse("mes:recall", args=[self.lot.pk])

    def perform(self, form: Any) -> str:
        because = form.cleaned_data["because"]
        services.block_recall(lot_ids=[self.lot.pk], because=because, now=timezone.now())
        return reverse("mes:recall", args=[self.lot.pk])


class UnblockRecall(DeedView):
    """What was blocked for the reason that the lot itself is blocked for may be used again."""

    permission = RECALL
    done_message = _l("What was blocked for this reason may be used again.")

    def get_rows(self) -> QuerySet[Lot]:
        return tracing.lots_seen(self.request.user, RECALL)

    def perform(self, row: Lot) -> str:
        services.unblock_recall(lot_ids=[row.pk], because=row.blocked_because, now=timezone.now())
        return reverse("mes:recall", args=[row.pk])
