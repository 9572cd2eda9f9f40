"""Put away: what lies where goods come in, and where each of it belongs. A scanner types and presses Enter."""

from __future__ import annotations

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

from erp.stock import places, transferring
from erp.stock.models import StockBalance
from masterdata import shown
from masterdata.access import Guarded, visible_to
from masterdata.chosen import in_chosen_plant
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Location
from masterdata.pages import go_to
from masterdata.pages.once import FIELD, new_key, once

MOST = 200
MOVE = "erp.move_stock"


class PutAway(Guarded):
    """What waits to be put away: one click puts a row where it belongs; or scan the goods, then the place."""

    permission = MOVE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._page()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if request.POST.get("deed") == "propose":
                return go_to(request, once(request, self._as_proposed))
            if self.at_hand is not None:
                return go_to(request, once(request, self._to_scanned))
            row = self._scanned_goods(request.POST.get("scan", "").strip())
        except Refusal as refusal:
            return self._page(refusal.sentence, 422)
        return redirect(f"{reverse('erp:put_away')}?row={row.pk}")

    @cached_property
    def rows(self) -> list[Any]:
        """What lies in receiving locations, each with the place proposed for it."""
        held = StockBalance.objects.filter(on_hand__gt=0, location__is_receiving=True, location__is_blocked=False)
        held = held.select_related("material__unit", "plant", "location", "lot", "sales_order")
        held = in_chosen_plant(self.request, visible_to(self.request.user, held, MOVE))
        found: list[Any] = list(held.order_by("plant__code", "material__code", "id")[:MOST])
        proposed: dict[tuple[int, int], int | None] = {}
        for plant_id in {row.plant_id for row in found}:
            materials = {row.material_id for row in found if row.plant_id == plant_id}
            for material_id, place_id in places.proposed_places(plant_id=plant_id, material_ids=materials).items():
                proposed[plant_id, material_id] = place_id
        names = Location.objects.in_bulk({pk for pk in proposed.values() if pk})
        for row in found:
            place = names.get(proposed[row.plant_id, row.material_id] or 0)
            row.proposed = None if place is None or place.pk == row.location_id else place
            row.key = new_key()
        return found

    @cached_property
    def at_hand(self) -> Any:
        """The row that was scanned and now looks for its place."""
        wanted = self.request.GET.get("row", "")
        return next((row for row in self.rows if str(row.pk) == wanted), None)

    def _scanned_goods(self, text: str) -> Any:
        if not text:
            raise InvalidInput(_("Nothing was scanned: scan the goods."))
        code = text.casefold()
        found = [row for row in self.rows if row.lot is not None and row.lot.number.casefold() == code]
        found = found or [row for row in self.rows if row.material.code.casefold() == code]
        if not found:
            raise InvalidInput(_("%(what)s does not wait to be put away. Choose it in the list.") % {"what": text})
        if len(found) > 1:
            raise InvalidInput(
                _("%(what)s waits in %(count)d rows: scan the lot, or choose one of them.")
                % {"what": text, "count": len(found)}
            )
        return found[0]

    def _as_proposed(self) -> str:
        wanted = self.request.POST.get("row", "")
        row = next((one for one in self.rows if str(one.pk) == wanted), None)
        if row is None:
            raise InvalidInput(_("This has been put away meanwhile."))
        if row.proposed is None:
            raise InvalidInput(_("No place is proposed for it: scan it, then the place."))
        return self._put(row, row.proposed, row.on_hand)

    def _to_scanned(self) -> str:
        row, text = self.at_hand, self.request.POST.get("scan", "").strip()
        target = Location.objects.filter(plant=row.plant_id, code__iexact=text).first()
        if target is None:
            raise InvalidInput(
                _("There is no place %(code)s in %(plant)s. Scan the label of the place.")
                % {"code": text or _("without code"), "plant": row.plant.name}
            )
        try:
            quantity = Decimal(self.request.POST.get("quantity", "").strip() or row.on_hand)
        except InvalidOperation:
            raise InvalidInput(_("Enter how much you put there, as a number.")) from None
        return self._put(row, target, quantity)

    def _put(self, row: Any, target: Location, quantity: Decimal) -> str:
        transferring.transfer_stock(
            pieces=[transferring.Piece(row.pk, quantity)], target_id=target.pk, now=timezone.now(), note=_("Put away")
        )
        words = {"quantity": shown.quantity(quantity, row.material.unit.code), "code": row.material.code}
        messages.success(
            self.request, _("%(quantity)s of %(code)s lie in %(place)s.") % {**words, "place": target.name}
        )
        return reverse("erp:put_away")

    def _page(self, wrong: str = "", status: int = 200) -> HttpResponseBase:
        row = self.at_hand
        context = {
            "page_title": _("Put away"),
            "question": _("What lies where goods come in, and where does it belong?"),
            "rows": self.rows,
            "row": row,
            "wrong": wrong,
            "field": FIELD,
            "key": self.request.POST.get(FIELD) or new_key(),
            "quantity": self.request.POST.get("quantity") or (shown.plain(row.on_hand) if row else ""),
        }
        return render(self.request, "erp/stockroom/putaway.html", context, status=status)
