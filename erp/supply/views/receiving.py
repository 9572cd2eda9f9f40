"""The dock: receive with a scanner (which types and presses Enter), by keyboard, or on a tablet; no script is needed.

What was scanned stands in the session until it is booked, so that a reload or another page loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from erp.supply import services
from erp.supply.forms import UsedForm
from erp.supply.models import PurchaseOrder, PurchaseOrderLine
from erp.supply.selectors import arriving, supplied
from masterdata import shown
from masterdata.access import Guarded, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.errors import Refusal
from masterdata.models import Material
from masterdata.numbers import ZERO
from masterdata.pages import OneRow, go_to
from masterdata.pages.once import FIELD, new_key, once
from masterdata.pages.zones import plant_time

RECEIVE = "erp.receive_purchase"


class Unclear(Refusal):
    """What was scanned fits nothing here."""

    code = "unclear_scan"


class Dock(Guarded):
    """What is expected; a scanned number opens its purchase order."""

    permission = RECEIVE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._page()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        scanned = request.POST.get("scan", "").strip()
        order = arriving.order_of(request.user, scanned)
        if order is not None:
            return redirect("erp:receiving_order", pk=order.pk)
        wrong = _("%(what)s is no purchase order here: scan the number on the delivery note, or choose it below.")
        return self._page(wrong % {"what": scanned or _("Nothing")}, 422)

    def _page(self, wrong: str = "", status: int = 200) -> HttpResponseBase:
        rows = in_chosen_plant(self.request, arriving.expected(self.request.user))[:40]
        context = {
            "page_title": _("Receive"),
            "rows": rows,
            "wrong": wrong,
            "label": _("Purchase order"),
            "now": timezone.now(),
        }
        return render(self.request, "erp/supply/dock.html", context, status=status)


@dataclass
class Scanned:
    """What was scanned of one order: the line at hand, its lot, and what is ready to be booked."""

    line: int | None = None
    lot: str = ""
    got: list[tuple[int, str, str]] = field(default_factory=list)

    def quantity_of(self, line_id: int) -> Decimal:
        return sum((Decimal(quantity) for line, quantity, _lot in self.got if line == line_id), ZERO)


class Receiving(OneRow):
    """One purchase order at the dock: scan a material, its lot where it has one, enter the quantity; book them all."""

    permission = RECEIVE
    address = "erp:receiving_order"

    def get_rows(self) -> Any:
        rows = PurchaseOrder.objects.select_related("supplier", "plant")
        return visible_to(self.request.user, rows, RECEIVE)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._page()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        deed = request.POST.get("deed", "scan")
        try:
            if deed == "book":
                return self._book()
            if deed == "drop":
                self._save(Scanned())
            elif deed == "back":
                self._save(Scanned(got=self.state.got))
            elif (other := self._scan(request.POST.get("scan", "").strip())) is not None:
                return redirect(self.address, pk=other.pk)
        except Refusal as refusal:
            return self._page(refusal.sentence, 422)
        return redirect(self.address, pk=self.get_object().pk)

    # What is kept between two scans ------------------------------------------------------------------------------

    @property
    def key(self) -> str:
        return f"receiving:{self.get_object().pk}"

    @cached_property
    def state(self) -> Scanned:
        kept = self.request.session.get(self.key)
        return Scanned(kept["line"], kept["lot"], [tuple(one) for one in kept["got"]]) if kept else Scanned()

    def _save(self, state: Scanned) -> None:
        self.request.session[self.key] = {"line": state.line, "lot": state.lot, "got": state.got}

    @cached_property
    def lines(self) -> dict[int, Any]:
        rows = self.get_object().lines.select_related("material__unit").order_by("line_no")
        return {line.pk: line for line in rows}

    def left(self, line: PurchaseOrderLine) -> Decimal:
        """Still to come, less what is ready to be booked."""
        return max(ZERO, line.quantity - line.received_qty - self.state.quantity_of(line.pk))

    # One scan ----------------------------------------------------------------------------------------------------

    def _scan(self, text: str) -> PurchaseOrder | None:
        """Take it as what is asked for now; another purchase order's number leads there."""
        state = self.state
        line = self.lines.get(state.line) if state.line else None
        if not text:
            raise Unclear(_("Nothing was scanned: scan again."))
        if line is None:
            return self._material(text)
        if line.material.tracking != Material.Tracking.NONE and not state.lot:
            state.lot = text[:60]
            if line.material.tracking == Material.Tracking.SERIAL:
                self._add(line, Decimal(1))
            self._save(state)
            return None
        self._add(line, _quantity(text, line))
        self._save(state)
        return None

    def _material(self, text: str) -> PurchaseOrder | None:
        order = self.get_object()
        line = arriving.line_of(order, text)
        if line is not None:
            self.state.line, self.state.lot = line.pk, ""
            self._save(self.state)
            return None
        other = arriving.order_of(self.request.user, text)
        if other is None:
            wrong = _(
                "%(what)s is no material of %(number)s: scan its label, or put the goods aside and ask the buyer."
            )
            raise Unclear(wrong % {"what": text, "number": order.number})
        return other

    def _add(self, line: PurchaseOrderLine, quantity: Decimal) -> None:
        state = self.state
        if any(one[0] == line.pk and one[2] == state.lot for one in state.got):
            if state.lot:
                wrong = _("%(lot)s is on the list already: take it off, or scan another.") % {"lot": state.lot}
                state.lot = ""
                raise Unclear(wrong)
            quantity += state.quantity_of(line.pk)
            state.got = [one for one in state.got if one[0] != line.pk]
        state.got.append((line.pk, str(quantity), state.lot))
        more_numbers = line.material.tracking == Material.Tracking.SERIAL and self.left(line) > 0
        state.line, state.lot = (line.pk if more_numbers else None), ""

    @cached_property
    def used_form(self) -> UsedForm:
        """What of our components the goods on the list have used; as it was sent, when it was."""
        coming: dict[int, Decimal] = {}
        for pk, quantity, _lot in self.state.got:
            coming[pk] = coming.get(pk, ZERO) + Decimal(quantity)
        uses = supplied.planned_uses(self.get_object(), coming) if coming else []
        is_sent = self.request.POST.get("deed") == "book"
        return UsedForm(self.request.POST if is_sent else None, uses=uses)

    def _book(self) -> HttpResponseBase:
        order, got = self.get_object(), self.state.got
        if not got:
            raise Unclear(_("Nothing is on the list yet: scan a material first."))
        if not self.used_form.is_valid():
            raise Unclear(_("Look at what was used: enter a quantity, nothing less than zero."))
        used = self.used_form.used()
        lines = [services.Delivered(line_id=pk, quantity=Decimal(quantity), lot=lot) for pk, quantity, lot in got]
        note = self.request.POST.get("delivery_note", "").strip()[:60]

        def deed() -> str:
            services.receive_purchase(
                purchase_order_id=order.pk, lines=lines, now=timezone.now(), delivery_note=note, used=used
            )
            return reverse("erp:purchase_order", args=[order.pk]) + "?tab=receipts"

        url = once(self.request, deed)
        self.request.session.pop(self.key, None)
        messages.success(self.request, _("Received. What waited for it has its pieces; put the rest away."))
        return go_to(self.request, url)

    # The page ----------------------------------------------------------------------------------------------------

    def _page(self, wrong: str = "", status: int = 200) -> HttpResponseBase:
        order, state = self.get_object(), self.state
        line = self.lines.get(state.line) if state.line else None
        rows = [(one, self.left(one), state.quantity_of(one.pk)) for one in self.lines.values()]
        got = [(self.lines[pk], Decimal(quantity), lot) for pk, quantity, lot in state.got if pk in self.lines]
        context = {
            "page_title": order.number,
            "subtitle": f"{order.supplier.name} · {order.plant.name}",
            "back": (_("Receive"), reverse("erp:receiving")),
            "object": order,
            "line": line,
            "lot": state.lot,
            "rows": rows,
            "got": got,
            "used": self.used_form.used_rows,
            "wrong": wrong,
            "label": self._label(line),
            "proposed": shown.plain(self.left(line)) if line is not None and self._asks_quantity(line) else "",
            "idempotency_field": FIELD,
            "idempotency_key": new_key(),
        }
        with plant_time(self.request, order.plant_id):
            return render(self.request, "erp/supply/receiving.html", context, status=status)

    def _asks_quantity(self, line: PurchaseOrderLine) -> bool:
        return line.material.tracking == Material.Tracking.NONE or bool(self.state.lot)

    def _label(self, line: PurchaseOrderLine | None) -> str:
        if line is None:
            return _("Material")
        if self._asks_quantity(line):
            return _("Quantity, %(unit)s") % {"unit": line.material.unit.code}
        return _("Serial number") if line.material.tracking == Material.Tracking.SERIAL else _("Lot")


def _quantity(text: str, line: PurchaseOrderLine) -> Decimal:
    try:
        quantity = Decimal(text.replace(",", "."))
    except InvalidOperation:
        quantity = ZERO
    if not quantity.is_finite() or quantity <= 0 or quantity > Decimal("999999999"):
        wrong = _("%(what)s is no quantity: enter how much of %(code)s came, or go back.")
        raise Unclear(wrong % {"what": text, "code": line.material.code})
    return quantity
