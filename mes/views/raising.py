"""Where a non-conformance is raised in the office: the document is found by its number, then what is wrong is said."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.models import ReceiptLine, ReturnReceipt, SalesOrderLine, WorkOrderOperation
from masterdata.access import Guarded, person, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.pages import EditPage
from masterdata.shown import plain
from mes import services
from mes.models import OperationRun
from mes.quality_forms import FaultForm, ProcessFaultForm

RAISE = "mes.raise_nonconformance"
MOST = 12


class Raise(Guarded):
    """Which document is it about? By itself: what is being worked on, what came lately, what came back."""

    permission = RAISE

    def get(self, request: HttpRequest) -> HttpResponseBase:
        text = request.GET.get("q", "").strip()
        context = {
            "page_title": _("Raise a non-conformance"),
            "question": _("Which document is it about?"),
            "back": (_("Non-conformances"), reverse("mes:nonconformances")),
            "text": text,
            "operations": self._operations(text)[:MOST],
            "receipts": self._receipts(text)[:MOST],
            "returns": self._returns(text)[:MOST],
            "lines": self._lines(text)[:MOST] if text else [],
        }
        return render(request, "mes/quality/raise.html", context)

    def _seen(self, rows: QuerySet[Any], plant: str) -> QuerySet[Any]:
        return in_chosen_plant(self.request, visible_to(self.request.user, rows, RAISE), plant)

    def _operations(self, text: str) -> QuerySet[WorkOrderOperation]:
        rows = WorkOrderOperation.objects.select_related("work_order__material", "machine", "run")
        if text:
            rows = rows.filter(
                Q(work_order__number__icontains=text)
                | Q(work_order__sales_order_line__order__number__iexact=text)
                | Q(machine__code__iexact=text, finished_at=None)
            ).filter(started_at__isnull=False)
        else:
            rows = rows.filter(run__state__in=[OperationRun.State.RUNNING, OperationRun.State.PAUSED])
        return self._seen(rows, "work_order__plant").order_by("-started_at")

    def _receipts(self, text: str) -> QuerySet[ReceiptLine]:
        rows = ReceiptLine.objects.select_related(
            "receipt__order__supplier", "order_line__material__unit", "lot"
        ).order_by("-receipt__received_at", "-pk")
        if text:
            rows = rows.filter(
                Q(receipt__number__icontains=text)
                | Q(receipt__order__number__icontains=text)
                | Q(order_line__material__code__iexact=text)
                | Q(lot__number__iexact=text)
            )
        return self._seen(rows, "receipt__order__plant")

    def _returns(self, text: str) -> QuerySet[ReturnReceipt]:
        rows = ReturnReceipt.objects.filter(outcome="", nonconformance=None).select_related(
            "line__customer_return__order__customer", "move__material__unit"
        )
        if text:
            rows = rows.filter(
                Q(line__customer_return__number__icontains=text)
                | Q(line__customer_return__order__number__icontains=text)
            )
        return self._seen(rows, "line__customer_return__plant").order_by("-received_at")

    def _lines(self, text: str) -> QuerySet[SalesOrderLine]:
        rows = SalesOrderLine.objects.filter(shipped_qty__gt=0, order__number__icontains=text)
        return self._seen(rows.select_related("order__customer", "material__unit"), "plant").order_by("-pk")


class RaiseOf(EditPage):
    """What is wrong with something."""

    permission, form_class, version_field = RAISE, FaultForm, ""
    submit_label, done_message = _l("Raise"), _l("Raised: quality decides what becomes of it.")

    def get_back(self) -> tuple[Any, str]:
        return _("Which document?"), reverse("mes:raise")

    def get_initial(self) -> dict[str, Any]:
        return {"quantity": 1, "severity": "major"}

    def there(self, row: Any) -> str:
        return reverse("mes:nonconformance", args=[row.pk])


class RaiseOfOperation(RaiseOf):
    """Pieces of our own work."""

    form_class = ProcessFaultForm

    def get_rows(self) -> QuerySet[WorkOrderOperation]:
        rows = WorkOrderOperation.objects.select_related("work_order__plant", "work_order__material")
        return visible_to(self.request.user, rows, RAISE)

    def get_title(self) -> Any:
        row = self.get_object()
        return _("What is wrong at %(step)s of %(number)s") % {"step": row.name, "number": row.work_order.number}

    def perform(self, form: Any) -> str:
        operation, given, now = self.get_object(), form.cleaned_data, timezone.now()
        employee = getattr(self.request.user, "employee", None)
        row = services.raise_nonconformance(
            operation_id=operation.pk,
            quantity=given["quantity"],
            at=now,
            is_scrapped=given["place"] == "scrapped",
            is_reported={"good": True, "bench": False}.get(given["place"]),
            by_id=self.request.user.pk,
            employee_id=employee.pk if employee else None,
            **form.of(operation.work_order.plant),
        )
        if given["holds"]:
            why = row.text or (row.defect.name if row.defect else row.number)
            services.hold_operation(
                operation_id=operation.pk,
                reason=f"{row.number}: {why}.",
                at=now,
                nonconformance_id=row.pk,
                by_id=self.request.user.pk,
            )
        return self.there(row)


class RaiseOfReceipt(RaiseOf):
    """Goods that a supplier brought."""

    def get_rows(self) -> QuerySet[ReceiptLine]:
        rows = ReceiptLine.objects.select_related("receipt__order__plant", "order_line__material")
        return visible_to(self.request.user, rows, RAISE)

    def get_title(self) -> Any:
        row = self.get_object()
        return _("What is wrong with %(what)s of %(number)s") % {
            "what": row.order_line.material.name,
            "number": row.receipt.number,
        }

    def perform(self, form: Any) -> str:
        line = self.get_object()
        row = services.raise_supplier_nonconformance(
            receipt_line_id=line.pk,
            quantity=form.cleaned_data["quantity"],
            now=timezone.now(),
            by=person(self.request),
            **form.of(line.receipt.order.plant),
        )
        return self.there(row)


class RaiseOfReturn(RaiseOf):
    """Pieces that came back from a customer; what came together is one non-conformance."""

    def get_rows(self) -> QuerySet[ReturnReceipt]:
        rows = ReturnReceipt.objects.filter(outcome="", nonconformance=None)
        related = "line__customer_return__plant", "move__material"
        return visible_to(self.request.user, rows.select_related(*related), RAISE)

    def get_title(self) -> Any:
        row = self.get_object()
        return _("What is wrong with what came with %(number)s") % {"number": row.line.customer_return.number}

    def get_form(self, data: Any = None) -> Any:
        form = super().get_form(data)
        form.fields["quantity"].disabled = True
        return form

    def get_initial(self) -> dict[str, Any]:
        return super().get_initial() | {"quantity": plain(self.get_object().quantity)}

    def perform(self, form: Any) -> str:
        back = self.get_object()
        row = services.raise_complaint(
            return_receipt_id=back.pk,
            now=timezone.now(),
            by=person(self.request),
            **form.of(back.line.customer_return.plant),
        )
        return self.there(row)


class RaiseOfLine(RaiseOf):
    """Pieces that are still with the customer."""

    def get_rows(self) -> QuerySet[SalesOrderLine]:
        rows = SalesOrderLine.objects.filter(shipped_qty__gt=0).select_related("order", "plant", "material")
        return visible_to(self.request.user, rows, RAISE)

    def get_title(self) -> Any:
        row = self.get_object()
        return _("What the customer says of %(what)s, %(number)s") % {
            "what": row.material.name,
            "number": row.order.number,
        }

    def perform(self, form: Any) -> str:
        line = self.get_object()
        row = services.raise_complaint(
            order_line_id=line.pk,
            quantity=form.cleaned_data["quantity"],
            now=timezone.now(),
            by=person(self.request),
            **form.of(line.plant),
        )
        return self.there(row)
