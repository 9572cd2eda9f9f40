"""What is done with the options of a rush request: taken, given back, approved or not."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import selectors as crm_now
from crm import services as crm
from crm.models import RushApproval, RushOption, RushRequest
from masterdata.access import visible_to
from masterdata.errors import Refusal
from masterdata.pages import DeedView, OneRow
from suite.deeds import accept_rush, ask_rush, undo_rush


class _Taking(OneRow):
    """It stands outside any transaction, and taking twice gives the same order."""

    http_method_names = ["post", "options"]

    @abstractmethod
    def request_of(self, row: Any) -> int: ...

    @abstractmethod
    def take(self, row: Any) -> Any: ...

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row = self.get_object()
        panel = reverse("crm:rush_request", args=[self.request_of(row)])
        try:
            order = self.take(row)
        except accept_rush.StaleOffer as refusal:
            if refusal.values.get("order_id"):
                messages.error(request, refusal.sentence)
            return redirect(f"{panel}?moved=1")
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            return redirect(panel)
        messages.success(request, _t("Taken: order %(number)s is promised and planned.") % {"number": order.number})
        return redirect(panel)


class Take(_Taking):
    """One click takes an option."""

    permission = "crm.accept_rush"

    def get_rows(self) -> QuerySet[RushOption]:
        return visible_to(self.request.user, RushOption.objects.select_related("request"))

    def request_of(self, row: Any) -> int:
        return int(row.request_id)

    def take(self, row: Any) -> Any:
        return accept_rush.accept_rush(option_id=row.pk, now=timezone.now(), by=self.request.user)  # type: ignore[arg-type]


class Approve(_Taking):
    """Yes: what somebody asked for is taken."""

    permission = "crm.approve_rush"

    def get_rows(self) -> QuerySet[RushApproval]:
        return crm_now.open_approvals(self.request.user)

    def request_of(self, row: Any) -> int:
        return int(row.request_id)

    def take(self, row: Any) -> Any:
        by: Any = self.request.user
        return accept_rush.approve_and_take(approval_id=row.pk, now=timezone.now(), by=by)


class AskApproval(DeedView):
    """Ask those who may whether it may be taken."""

    permission, done_message = "crm.accept_rush", _("Asked: whoever may approve it sees it now.")

    def get_rows(self) -> QuerySet[RushOption]:
        return visible_to(self.request.user, RushOption.objects.select_related("request"))

    def perform(self, row: Any) -> str:
        by: Any = self.request.user
        why = self.request.POST.get("why", "")
        crm.ask_rush_approval(option_id=row.pk, why=why, now=timezone.now(), by=by)
        return reverse("crm:rush_request", args=[row.request_id])


class Reject(DeedView):
    """No, and why; another option may still be taken."""

    permission, done_message = "crm.approve_rush", _("Not approved. Whoever asked sees why.")

    def get_rows(self) -> QuerySet[RushApproval]:
        return crm_now.open_approvals(self.request.user)

    def perform(self, row: Any) -> str:
        by: Any = self.request.user
        crm.reject_rush(approval_id=row.pk, answer=self.request.POST.get("answer", ""), now=timezone.now(), by=by)
        return reverse("crm:rush_request", args=[row.request_id])


class Undo(OneRow):
    """Give back what was just taken; the request is answered again behind it."""

    permission = "crm.accept_rush"
    http_method_names = ["post", "options"]

    def get_rows(self) -> QuerySet[RushRequest]:
        return crm_now.visible_rush_requests(self.request.user)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row, by = self.get_object(), request.user
        panel = redirect("crm:rush_request", pk=row.pk)
        try:
            undo_rush.undo_rush(request_id=row.pk, now=timezone.now(), by=by)  # type: ignore[arg-type]
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
            return panel
        messages.success(request, _t("Given back: order, plan and promises are as they were."))
        return self._asked_again(request, row.pk, panel)

    def _asked_again(self, request: HttpRequest, pk: int, panel: HttpResponse) -> HttpResponse:
        try:
            ask_rush.ask_again(request_id=pk, now=timezone.now())
        except Refusal as refusal:
            messages.error(request, refusal.sentence)
        return panel
