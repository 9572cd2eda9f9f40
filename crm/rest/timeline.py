"""The timeline of a customer over REST: the lines of its page, newest first, a page at a time."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.happenings import told
from crm.selectors import happened
from masterdata.api.deeds import part
from masterdata.api.endpoints import no_such_parameter, wrong_parameter
from masterdata.api.rows import RowDeeds
from masterdata.api.serializers import Body
from masterdata.models import Partner
from masterdata.webhooks import places

FACT = "fact"


class HappeningShown(Body):
    """One line. `source`: the kind of row that tells it, and `id` that row's; of a `fact`, as webhooks carry it."""

    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=happened.KINDS)
    source = serializers.CharField()  # type: ignore[assignment]
    id = serializers.CharField()
    sentence = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    who = serializers.CharField(allow_blank=True)
    tone = serializers.ChoiceField(choices=["good", "bad", ""])
    link = serializers.CharField(allow_blank=True, help_text="Where the row is read; empty: nowhere")


class TimelineShown(Body):
    """A page. `earlier`: what to send as `after` for the page behind it; null: there is none."""

    results = HappeningShown(many=True)
    earlier = serializers.CharField(allow_null=True)


class Customers(RowDeeds):
    """What there is with a customer; the customer itself is a partner."""

    queryset = Partner.objects.filter(is_customer=True)
    serializer_class = TimelineShown
    view_deed = "crm.view"

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, enum=happened.KINDS, many=True, description="Only these; repeat it."),
            OpenApiParameter("after", str, description="`earlier` of the page before."),
        ]
    )
    @part("crm.view", gives=TimelineShown)
    def timeline(self, request: Request, pk: str) -> Response:
        """Orders, pipeline, quotations, promises, messages, activities, cases, and money by right: thirty at a time."""
        customer = self.get_object()
        kinds, after = _asked(request)
        page = happened.happened(request.user, customer.pk, kinds=kinds, after=after)
        shown = {
            "results": [_line(entry) for entry in page.entries],
            "earlier": str(page.earlier) if page.earlier else None,
        }
        return Response(TimelineShown(shown).data)


def _asked(request: Request) -> tuple[list[str], happened.Place | None]:
    """Kinds and where the page begins. Raises ValidationError for another parameter or value."""
    asked = request.query_params
    if unknown := [name for name in asked if name not in ("kind", "after")]:
        raise no_such_parameter(unknown)
    kinds = asked.getlist("kind")
    if wrong := [kind for kind in kinds if kind not in happened.KINDS]:
        raise wrong_parameter("kind", f"Expected {', '.join(happened.KINDS)}, got {wrong[0][:40]}.")
    after = happened.Place.read(asked["after"]) if "after" in asked else None
    if "after" in asked and after is None:
        raise wrong_parameter("after", "Send what the page before gave as earlier.")
    return kinds, after


def _line(entry: happened.Entry) -> dict[str, Any]:
    line = told(entry)
    source = FACT if entry.source.startswith(f"{FACT}-") else entry.source
    found = places.links("", {f"{source}_id": int(entry.key)}) if source != FACT else {}
    return {
        "at": entry.at,
        "kind": entry.kind,
        "source": source,
        "id": entry.key,
        "sentence": str(line.sentence),
        "detail": str(line.detail),
        "who": str(line.who),
        "tone": line.tone,
        "link": next(iter(found.values()), ""),
    }


VIEWSETS: tuple[tuple[str, Any], ...] = (("customers", Customers),)
