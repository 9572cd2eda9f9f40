"""Promises, what customers are told about them, and what could come earlier, over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm import services
from crm.models import EarlierOffer, Notice, NoticeLine, Promise, PromiseOutlook
from masterdata.api.deeds import changes, deed
from masterdata.api.lists import Filters, IdFilter
from masterdata.api.problems import VersionMissing
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Row

WRITE = "crm.write_quotation"


class PromiseRow(Row):
    class Meta:
        model = Promise
        fields = (
            "id",
            "order_line",
            "version_no",
            "promised_at",
            "reason",
            "cause",
            "plan_no",
            "operation",
            "machine",
            "operation_start_at",
            "operation_end_at",
            "p50_at",
            "p90_at",
            "sure_percent",
            "made_at",
            "closed_at",
        )


class PromiseOutlookRow(Row):
    class Meta:
        model = PromiseOutlook
        fields = ("id", "order_line", "p50_at", "p90_at", "sure_percent", "why_unknown", "plan_no", "seen_at")


class NoticeLineRow(Row):
    class Meta:
        model = NoticeLine
        fields = ("id", "order_line", "before", "promise")


class NoticeRow(Row):
    """`promise` is that of the first line that it is about."""

    lines = NoticeLineRow(many=True)
    promise = serializers.SerializerMethodField()

    def get_promise(self, notice: Notice) -> int | None:
        return next((line.promise_id for line in notice.lines.all()), None)

    class Meta:
        model = Notice
        fields = (
            "id",
            "order",
            "promise",
            "customer",
            "state",
            "reason",
            "days_late",
            "language",
            "tone",
            "approver",
            "is_correction",
            "subject",
            "body",
            "is_edited",
            "held_why",
            "discarded_why",
            "written_at",
            "settles_at",
            "decided_at",
            "queued_at",
            "read_at",
            "version",
            "lines",
        )


class NoticeWords(Body):
    subject = serializers.CharField(max_length=160)
    body = serializers.CharField(max_length=20_000)


class NoticeDiscard(Body):
    """Why the customer is not told."""

    why = serializers.CharField(max_length=200)


class EarlierOfferRow(Row):
    class Meta:
        model = EarlierOffer
        fields = (
            "id",
            "order_line",
            "promise",
            "state",
            "offered_at",
            "expected_at",
            "plan_no",
            "sure_percent",
            "made_at",
            "told_at",
            "decided_at",
            "why",
            "version",
        )


class EarlierDecline(Body):
    """The customer's words, or ours."""

    why = serializers.CharField(max_length=200)


class Promises(ReadableRows):
    """Versions of the delivery commitment of each order line, with the cause of each change and how sure it was."""

    queryset = Promise.objects.all()
    serializer_class = PromiseRow
    view_deed = "crm.view"
    filterset_fields: Any = ("order_line", "order_line__order", "reason")


class PromiseOutlooks(ReadableRows):
    """How sure the promise of each open order line is now; without a figure it says why."""

    queryset = PromiseOutlook.objects.all()
    serializer_class = PromiseOutlookRow
    view_deed = "crm.view"
    filterset_fields: Any = ("order_line", "order_line__order")


class NoticeFilters(Filters):
    promise = IdFilter(field_name="lines__promise")

    class Meta:
        model = Notice
        fields = ("customer", "order", "state", "reason")


class Notices(ReadableRows):
    """What customers were told about changed promises, and what waits to be told."""

    queryset = Notice.objects.prefetch_related("lines")
    serializer_class = NoticeRow
    view_deed = "crm.view"
    filterset_class = NoticeFilters

    @changes(WRITE, takes=NoticeWords, gives=NoticeRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say it in other words; from then on somebody has to send it."""
        notice, version = self.get_object(), self.expected_version()
        if version is None:
            raise VersionMissing("Send the notice's ETag as If-Match, so that nobody's change is overwritten.")
        services.rewrite_notice(
            notice_id=notice.pk,
            now=timezone.now(),
            by=self.caller(),
            expected_version=version,
            **self.taken(NoticeWords),
        )
        return self.answer(notice)

    @deed(WRITE)
    def send(self, request: Request, pk: str) -> Response:
        """Looked at and good: give it to the post. A rule may want the right `crm.approve_notice` for it."""
        notice = self.get_object()
        services.approve_notice(
            notice_id=notice.pk, now=timezone.now(), by=self.caller(), expected_version=self.expected_version()
        )
        return self.answer(notice)

    @deed(WRITE, takes=NoticeDiscard)
    def discard(self, request: Request, pk: str) -> Response:
        """It is not to be said, and why."""
        notice = self.get_object()
        services.discard_notice(
            notice_id=notice.pk,
            why=self.taken()["why"],
            now=timezone.now(),
            by=self.caller(),
            expected_version=self.expected_version(),
        )
        return self.answer(notice)


class EarlierOffers(ReadableRows):
    """Earlier dates that the plan allows: nothing is promised until the customer says yes."""

    queryset = EarlierOffer.objects.all()
    serializer_class = EarlierOfferRow
    view_deed = "crm.view"
    filterset_fields: Any = ("order_line", "order_line__order", "state")

    @deed(WRITE)
    def ask(self, request: Request, pk: str) -> Response:
        """Ask the customer by mail."""
        offer = self.get_object()
        services.offer_earlier(offer_id=offer.pk, now=timezone.now(), by=self.caller())
        return self.answer(offer)

    @deed(WRITE)
    def accept(self, request: Request, pk: str) -> Response:
        """The customer said yes: the earlier date is promised."""
        offer = self.get_object()
        services.accept_earlier(
            offer_id=offer.pk, now=timezone.now(), by=self.caller(), expected_version=self.expected_version()
        )
        return self.answer(offer)

    @deed(WRITE, takes=EarlierDecline)
    def decline(self, request: Request, pk: str) -> Response:
        """The customer said no: it is not offered again unless it could come still earlier."""
        offer = self.get_object()
        services.decline_earlier(
            offer_id=offer.pk,
            why=self.taken()["why"],
            now=timezone.now(),
            by=self.caller(),
            expected_version=self.expected_version(),
        )
        return self.answer(offer)


VIEWSETS = (
    ("promises", Promises),
    ("promise-outlooks", PromiseOutlooks),
    ("notices", Notices),
    ("earlier-offers", EarlierOffers),
)
