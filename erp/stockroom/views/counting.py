"""Enter a count on a tablet: scan a place, a material or a lot, type what is there, Enter, next. No script needed."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from erp.stock import counting
from erp.stock.models import CountSheet, Lot
from erp.stockroom import counted
from masterdata import shown
from masterdata.access import visible_to
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Location, Material, User
from masterdata.pages import OneRow, go_to
from masterdata.pages.once import FIELD, new_key, once

COUNT = "erp.count_stock"


class Counting(OneRow):
    """The sheet at hand. What was scanned stands in the address: `at` the place, `line` what is counted now, `found` (a
    material or lot) what the sheet does not know of."""

    permission = COUNT

    def get_rows(self) -> QuerySet[CountSheet]:
        rows = CountSheet.objects.select_related("plant__company__currency", "location", "material")
        return visible_to(self.request.user, rows, COUNT)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.get_object().is_open:
            return redirect("erp:count_sheet", pk=self.get_object().pk)
        return self._page()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        text = request.POST.get("scan", "").strip()
        try:
            if self.line is not None or self.found is not None:
                return go_to(request, once(request, lambda: self._enter(text)))
            return redirect(self._scan(text))
        except Refusal as refusal:
            return self._page(refusal.sentence, 422)

    @cached_property
    def lines(self) -> list[Any]:
        return counted.lines(self.get_object(), self.request.user)

    @cached_property
    def place(self) -> Location | None:
        """Where the person stands."""
        code = self.request.GET.get("at", "")
        return Location.objects.filter(plant=self.get_object().plant_id, code=code).first() if code else None

    @cached_property
    def line(self) -> Any:
        wanted = self.request.GET.get("line", "")
        return next((line for line in self.lines if str(line.pk) == wanted), None)

    @cached_property
    def found(self) -> tuple[Material, Lot | None] | None:
        """A material, with its lot, that lies where the sheet has none."""
        code = self.request.GET.get("found", "")
        if not code or self.place is None:
            return None
        lot = Lot.objects.filter(number__iexact=code).select_related("material__unit").first()
        if lot is not None:
            return lot.material, lot
        material = Material.objects.filter(code__iexact=code).select_related("unit").first()
        return (material, None) if material else None

    def address(self, **asked: Any) -> str:
        base = reverse("erp:enter_count", args=[self.get_object().pk])
        kept = {name: value for name, value in asked.items() if value}
        return f"{base}?{urlencode(kept)}" if kept else base

    def _scan(self, text: str) -> str:
        """A place to stand at, or what is counted now."""
        if not text:
            raise InvalidInput(_("Nothing was scanned: scan a place, a material or a lot."))
        place = Location.objects.filter(plant=self.get_object().plant_id, code__iexact=text).first()
        if place is not None:
            here = [line for line in self.lines if line.location_id == place.pk]
            only = here[0].pk if len(here) == 1 and here[0].counted_at is None else None
            return self.address(at=place.code, line=only)
        at, code = self.place, text.casefold()
        rows = [line for line in self.lines if at is None or line.location_id == at.pk]
        fits = [line for line in rows if line.lot is not None and line.lot.number.casefold() == code]
        fits = fits or [line for line in rows if line.material.code.casefold() == code]
        fits = [line for line in fits if line.counted_at is None] or fits
        if len(fits) == 1:
            return self.address(at=fits[0].location.code, line=fits[0].pk)
        if fits:
            raise InvalidInput(
                _("%(what)s is on the sheet %(count)d times: scan the place or the lot, or choose it below.")
                % {"what": text, "count": len(fits)}
            )
        return self._beyond(text)

    def _beyond(self, text: str) -> str:
        """Something that the sheet does not know of here."""
        is_known = (
            Material.objects.filter(code__iexact=text).exists() or Lot.objects.filter(number__iexact=text).exists()
        )
        if not is_known:
            raise InvalidInput(_("%(what)s is no place, material or lot here. Scan again.") % {"what": text})
        if self.place is None:
            raise InvalidInput(_("The sheet has no %(what)s. Scan the place in which it lies first.") % {"what": text})
        return self.address(at=self.place.code, found=text)

    def _enter(self, text: str) -> str:
        try:
            quantity = Decimal(text.replace(",", "."))
        except InvalidOperation:
            raise InvalidInput(_("Enter how much is there, as a number.")) from None
        if not quantity.is_finite():
            raise InvalidInput(_("Enter how much is there, as a number."))
        user, now = self.request.user, timezone.now()
        by = user if isinstance(user, User) else None
        if self.line is not None:
            done = counting.enter_count(line_id=self.line.pk, quantity=quantity, by=by, now=now)
        else:
            material, lot = self.found or (None, None)
            if material is None or self.place is None:
                raise InvalidInput(_("Scan the place, then what lies there."))
            done = counting.enter_found(
                sheet_id=self.get_object().pk, material=material, lot=lot, location=self.place,
                quantity=quantity, by=by, now=now,
            )  # fmt: skip
        unit = done.material.unit.code
        messages.success(
            self.request,
            _("%(quantity)s of %(code)s in %(place)s.")
            % {"quantity": shown.quantity(quantity, unit), "code": done.material.code, "place": done.location.name},
        )
        return self.address(at=self.place.code if self.place else "")

    def _page(self, wrong: str = "", status: int = 200) -> HttpResponseBase:
        sheet, place = self.get_object(), self.place
        waiting = [line for line in self.lines if line.counted_at is None]
        context = {
            "page_title": _("Count %(number)s") % {"number": sheet.number},
            "question": sheet.plant.name,
            "back": (sheet.number, reverse("erp:count_sheet", args=[sheet.pk])),
            "sheet": sheet,
            "place": place,
            "line": self.line,
            "found": self.found,
            "wrong": wrong,
            "typed": self.request.POST.get("scan", ""),
            "rows": [line for line in self.lines if place is None or line.location_id == place.pk],
            "waiting": len(waiting),
            "all": len(self.lines),
            "field": FIELD,
            "key": self.request.POST.get(FIELD) or new_key(),
        }
        return render(self.request, "erp/stockroom/counting.html", context, status=status)
