"""Promises and what customers are told about them, over REST."""

from __future__ import annotations

from typing import Any

from crm.models import Notice, Promise
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Row


class PromiseRow(Row):
    class Meta:
        model = Promise
        fields = ("id", "order_line", "version_no", "promised_at", "reason", "cause", "plan_no", "made_at", "closed_at")


class NoticeRow(Row):
    class Meta:
        model = Notice
        fields = ("id", "promise", "customer", "subject", "body", "written_at")


class Promises(ReadableRows):
    """Versions of the delivery commitment of each order line, with the cause of each change."""

    queryset = Promise.objects.all()
    serializer_class = PromiseRow
    view_deed = "crm.view"
    filterset_fields: Any = ("order_line", "order_line__order", "reason")


class Notices(ReadableRows):
    """What customers were told about changed promises."""

    queryset = Notice.objects.all()
    serializer_class = NoticeRow
    view_deed = "crm.view"
    filterset_fields: Any = ("customer", "promise", "promise__order_line__order")


VIEWSETS = (("promises", Promises), ("notices", Notices))
