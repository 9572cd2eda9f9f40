"""Labels: choose what, how many and the roll; a PDF to print, or ZPL for a label printer."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from masterdata.access import Guarded
from masterdata.pages.pdf import pdf_response
from mes import letters
from mes.selectors import labels
from mes.zpl import SIZES, zpl

SHOWN, MOST, MOST_COPIES = 100, 500, 50


class Labels(Guarded):
    """One page for all labels."""

    permission = labels.PRINT

    def get(self, request: HttpRequest) -> HttpResponseBase:
        kinds = labels.kinds_for(request.user)
        if not kinds:
            return render(request, "mes/labels.html", {"page_title": _("Labels"), "kinds": [], "rows": []})
        kind = labels.KINDS.get(request.GET.get("kind", ""))
        kind = kind if kind in kinds else kinds[0]
        text = request.GET.get("q", "")
        found = kind.found(request.user, text)
        rows = [(row.pk, kind.tag(row)) for row in found[:SHOWN]]
        context = {
            "page_title": _("Labels"), "kinds": kinds, "kind": kind, "text": text, "rows": rows,
            "more": max(0, found.count() - SHOWN), "sizes": SIZES.items(),
        }  # fmt: skip
        return render(request, "mes/labels.html", context)


class Printed(Guarded):
    """The labels that were ticked: `?kind=lots&id=1&id=2&copies=2&size=roll&as=pdf`."""

    permission = labels.PRINT

    def get(self, request: HttpRequest) -> HttpResponseBase:
        asked = request.GET
        kind = labels.KINDS.get(asked.get("kind", ""))
        if kind is None or kind not in labels.kinds_for(request.user):
            return redirect("mes:labels")
        ids = [int(pk) for pk in asked.getlist("id")[:MOST] if pk.isdigit() and len(pk) < 19]
        tags = labels.tags_of(kind, request.user, ids)
        if not tags:
            messages.error(request, _("Tick what you want labels for, then print."))
            return redirect(f"{request.path.removesuffix('print/')}?kind={kind.key}")
        copies = min(MOST_COPIES, max(1, int(asked["copies"]) if asked.get("copies", "").isdigit() else 1))
        size = asked.get("size", "")
        size = size if size in SIZES else "roll"
        if asked.get("as") == "zpl":
            answer = HttpResponse(zpl(tags, size=size, copies=copies), content_type="text/plain; charset=utf-8")
            answer["Content-Disposition"] = f'attachment; filename="{kind.key}.zpl"'
            return answer
        return pdf_response(letters.labels(str(kind.word), tags, size=size, copies=copies))
