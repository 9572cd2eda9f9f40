"""Components on their way to a subcontractor: scan each, its lot where it has one, enter how much; book them all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from erp.stock.models import Lot
from erp.supply import services
from erp.supply.models import PurchaseOrder
from erp.supply.selectors import supplied
from erp.supply.views.receiving import Receiving, Scanned, Unclear
from masterdata import shown
from masterdata.access import visible_to
from masterdata.models import Material
from masterdata.numbers import ZERO
from masterdata.pages import go_to
from masterdata.pages.once import FIELD, new_key, once
from masterdata.pages.zones import plant_time

MOVE = "erp.move_stock"


class Sending(Receiving):
    """Components of one purchase order on their way out: scan each, its lot where it has one, enter how much; book."""

    permission = MOVE
    address = "erp:components_send"

    def get_rows(self) -> Any:
        rows = PurchaseOrder.objects.select_related("supplier", "plant")
        return visible_to(self.request.user, rows, MOVE)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.POST.get("deed") == "all":
            got = [(one.component_id, shown.plain(one.quantity), one.lot) for one in self.pieces]
            self._save(Scanned(got=got))
            return redirect(self.address, pk=self.get_object().pk)
        return super().post(request, *args, **kwargs)

    @property
    def key(self) -> str:
        return f"sending:{self.get_object().pk}"

    @cached_property
    def lines(self) -> dict[int, Any]:
        return {one.pk: one for one in supplied.components_of_order(self.get_object()) if one.to_send > 0}

    @cached_property
    def pieces(self) -> list[supplied.ReadyPiece]:
        return supplied.ready_pieces(self.get_object())

    def left(self, line: Any) -> Decimal:
        return max(ZERO, line.to_send - self.state.quantity_of(line.pk))

    def offered(self, line: Any) -> list[supplied.ReadyPiece]:
        """Lots of the component at hand that are not on the list yet, in the sequence in which they should go."""
        if line is None or line.material.tracking == Material.Tracking.NONE or self.state.lot:
            return []
        listed = {lot for pk, _much, lot in self.state.got if pk == line.pk}
        return [one for one in self.pieces if one.component_id == line.pk and one.lot and one.lot not in listed]

    def _proposed(self, line: Any) -> str:
        """What is left to send, of the lot at hand at most what is there."""
        if line is None or not self._asks_quantity(line):
            return ""
        there = [one.quantity for one in self.pieces if one.component_id == line.pk and one.lot == self.state.lot]
        return shown.plain(min(self.left(line), *there) if self.state.lot and there else self.left(line))

    def _material(self, text: str) -> None:
        code = text.casefold()
        line = next((one for one in self.lines.values() if one.material.code.casefold() == code), None)
        if line is None:
            wrong = _("%(what)s is not needed for %(number)s: scan what is listed below.")
            raise Unclear(wrong % {"what": text, "number": self.get_object().number})
        self.state.line, self.state.lot = line.pk, ""
        self._save(self.state)

    def _part(self, pk: int, quantity: str, number: str) -> services.ComponentPart:
        lot_id = None
        if number:
            lot = Lot.objects.filter(material=self.lines[pk].material_id, number__iexact=number).first()
            if lot is None:
                raise Unclear(_("There is no lot %(number)s: take it off, and scan another.") % {"number": number})
            lot_id = lot.pk
        return services.ComponentPart(component_id=pk, quantity=Decimal(quantity), lot_id=lot_id)

    def _book(self) -> HttpResponseBase:
        order = self.get_object()
        got = [one for one in self.state.got if one[0] in self.lines]
        if not got:
            raise Unclear(_("Nothing is on the list yet: scan a component first."))
        parts = [self._part(*one) for one in got]

        def deed() -> str:
            services.send_components(order_id=order.pk, parts=parts, now=timezone.now())
            return reverse("erp:purchase_order", args=[order.pk]) + "?tab=components"

        url = once(self.request, deed)
        self.request.session.pop(self.key, None)
        return go_to(self.request, url)

    def _page(self, wrong: str = "", status: int = 200) -> HttpResponseBase:
        order, state = self.get_object(), self.state
        line = self.lines.get(state.line) if state.line else None
        context = {
            "page_title": _("Send to %(name)s") % {"name": order.supplier.name},
            "subtitle": f"{order.number} · {order.plant.name}",
            "back": (_("To subcontractors"), reverse("erp:to_subcontractors")),
            "object": order,
            "line": line,
            "lot": state.lot,
            "rows": [(one, self.left(one), state.quantity_of(one.pk)) for one in self.lines.values()],
            "got": [(self.lines[pk], Decimal(much), lot) for pk, much, lot in state.got if pk in self.lines],
            "can_all": not state.got and bool(self.pieces),
            "offered": self.offered(line),
            "wrong": wrong,
            "label": self._label(line),
            "proposed": self._proposed(line),
            "idempotency_field": FIELD,
            "idempotency_key": new_key(),
        }
        with plant_time(self.request, order.plant_id):
            return render(self.request, "erp/supply/sending.html", context, status=status)
