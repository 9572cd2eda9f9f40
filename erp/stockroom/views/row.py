"""One row of stock (a material in a place, of a lot, for an owner), and what is done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.sales.services import shortages
from erp.stock import lots, places, transferring
from erp.stock import selectors as stock_now
from erp.stock.models import StockBalance, StockMove
from erp.stock.views import owner
from erp.stockroom import selectors
from erp.stockroom.fields import PlaceField, note_field, quantity_field, stock_places, typed
from erp.stockroom.views.drawing import lot_link, state_chip
from masterdata.access import may, visible_to
from masterdata.models import Location, ReasonCode
from masterdata.pages import Action, Card, Column, Day, DetailPage, EditPage, Html, Quantity, Tab
from masterdata.rights import allows

SEE, MOVE, SCRAP = "erp.view_stock", "erp.move_stock", "erp.scrap_stock"
LAST_MOVES = 30


def named(row: StockBalance) -> str:
    """ "OAK-18 in Rack A, lot L7"."""
    words = _("%(code)s in %(place)s") % {"code": row.material.code, "place": row.location.name}
    return _("%(row)s, lot %(lot)s") % {"row": words, "lot": row.lot.number} if row.lot else words


class StockRow(DetailPage):
    """What lies there, who has it reserved, how it came, and what may be done with it."""

    permission = SEE
    template_name = "erp/stockroom/row.html"
    live = ["stock", "purchase", "operation"]

    def get_rows(self) -> QuerySet[StockBalance]:
        return visible_to(self.request.user, selectors.stock_rows(), SEE)

    def get_title(self, row: Any) -> Any:
        return row.material.code

    def get_subtitle(self, row: Any) -> Any:
        return f"{row.material.name} · {row.location.name}"

    def get_back(self, row: Any) -> tuple[Any, str]:
        return _("Stock"), reverse("erp:stock")

    def get_cards(self, row: Any) -> Sequence[Card]:
        row.path = places.paths([row.location_id]).get(row.location_id, row.location.name)
        row.sees_order = may(self.request.user, "erp.view_order")
        where = [
            Column("plant.name", _("Plant")),
            Column("path", _("Location")),
            Html(lot_link, _("Lot")),
            Html(owner, _("For")),
            Html(state_chip, _("State")),
        ]
        if row.lot is not None and row.lot.expires_on:
            where.append(Day("lot.expires_on", _("Usable until")))
        if because := row.location.blocked_because or (row.lot.blocked_because if row.lot else ""):
            where.append(Column(lambda _row: because, _("Blocked because")))
        much = [
            Quantity("on_hand", _("On hand"), unit="material.unit.code"),
            Quantity("reserved", _("Reserved"), unit="material.unit.code"),
            Quantity("free", _("Free"), unit="material.unit.code"),
        ]
        return [Card(_("Where"), where), Card(_("How much"), much)]

    def get_tabs(self, row: Any) -> Sequence[Tab]:
        return [
            Tab("held", _("Reserved for"), template="erp/stockroom/_holders.html", count=len(self.held(row))),
            Tab("moves", _("Moves"), template="erp/stockroom/_row_moves.html"),
        ]

    def held(self, row: Any) -> Sequence[Any]:
        if not hasattr(self, "_held"):
            self._held = selectors.holders([row.pk])
        return self._held

    def moves(self, row: Any) -> list[StockMove]:
        here = (
            Q(source=row.location_id, source_order=row.sales_order_id, lot=row.lot_id)
            | Q(target=row.location_id, target_order=row.sales_order_id, target_lot=None, lot=row.lot_id)
            | Q(target=row.location_id, target_order=row.sales_order_id, target_lot=row.lot_id)
        )
        rows = stock_now.moves(plant_id=row.plant_id, material_id=row.material_id).filter(here)
        return list(rows.select_related("work_order", "reason")[:LAST_MOVES])

    def get_context_data(self, row: Any) -> dict[str, Any]:
        found = super().get_context_data(row)
        is_moves = found["tab"] is not None and found["tab"].key == "moves"
        user = self.request.user
        return found | {
            "held": self.held(row),
            "moves": self.moves(row) if is_moves else [],
            "sees_order": may(user, "erp.view_order"),
            "sees_work": may(user, "erp.view_work_order"),
        }

    def get_actions(self, row: Any) -> list[Action]:
        ledger = f"{reverse('erp:stock_ledger', args=[row.material_id])}?plant={row.plant_id}"
        found = [Action(_("Ledger"), ledger, "list-details", SEE)]
        if row.on_hand and allows(self.request.user, MOVE, row.plant_id):
            found += _deeds(row)
        if row.on_hand and allows(self.request.user, SCRAP, row.plant_id):
            found.append(Action(_("Scrap"), reverse("erp:scrap_stock", args=[row.pk]), "trash", SCRAP))
        return found


def _deeds(row: Any) -> list[Action]:
    """What of moving fits the row."""
    if row.location.kind == Location.Kind.QUARANTINE:
        return [
            Action(_("Set free"), reverse("erp:set_stock_free", args=[row.pk]), "lock-open", MOVE, is_main=True),
        ]
    found = []
    if row.lot is not None and row.lot.length_mm and row.lot.width_mm:
        found.append(Action(_("Cut a remnant"), reverse("erp:cut_remnant", args=[row.pk]), "scissors", MOVE))
    if row.free > 0:
        url = f"{reverse('erp:send_transfer')}?row={row.pk}"
        found.append(Action(_("Send to a plant"), url, "truck", MOVE))
    found.append(Action(_("Quarantine"), reverse("erp:quarantine_stock", args=[row.pk]), "hand-stop", MOVE))
    found.append(Action(_("Move"), reverse("erp:move_stock", args=[row.pk]), "arrows-exchange", MOVE, is_main=True))
    return found


class RowDeed(EditPage):
    """A form about one row of stock; back on its page when it is done."""

    permission: ClassVar[str] = MOVE
    version_field = ""
    verb: ClassVar[Any] = ""

    def get_rows(self) -> QuerySet[StockBalance]:
        return visible_to(self.request.user, selectors.stock_rows().filter(on_hand__gt=0), self.permission)

    def get_title(self) -> Any:
        return f"{self.verb}: {named(self.get_object())}"

    def get_back(self) -> tuple[Any, str]:
        return _("Row of stock"), reverse("erp:stock_row", args=[self.get_object().pk])

    def get_initial(self) -> dict[str, Any]:
        return {"quantity": typed(self.get_object().on_hand)}

    def get_form(self, data: Any = None) -> forms.Form:
        form = super().get_form(data)
        row, field = self.get_object(), None
        field = form.fields.get("quantity")
        if field is not None:
            field.help_text = _("%(there)s %(unit)s are there, %(reserved)s of them reserved.") % {
                "there": typed(row.on_hand),
                "reserved": typed(row.reserved),
                "unit": row.material.unit.code,
            }
            field.widget.attrs["autofocus"] = True
        return form

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"submit_label": self.verb}

    def done(self) -> str:
        return reverse("erp:stock_row", args=[self.get_object().pk])


class MoveForm(forms.Form):
    """How much, and the code of the place."""

    quantity = quantity_field()

    def __init__(self, *args: Any, row: StockBalance, is_needed: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = "" if is_needed else _("Empty: the plant's default place.")
        rows = stock_places(row.plant_id).exclude(pk=row.location_id)
        self.fields["target"] = PlaceField(rows, label=_("To which place"), required=is_needed, help_text=help_text)
        self.fields["note"] = note_field()


class Move(RowDeed):
    """To another place of the plant; what is reserved of it stays reserved there."""

    form_class, verb = MoveForm, _l("Move")
    done_message = _l("Moved.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"row": self.get_object()}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        transferring.transfer_stock(
            pieces=[transferring.Piece(self.get_object().pk, given["quantity"])],
            target_id=given["target"].pk,
            now=timezone.now(),
            note=given["note"],
        )
        return self.done()


class SetFree(RowDeed):
    """Out of quarantine."""

    form_class, verb = MoveForm, _l("Set free")
    done_message = _l("Set free: it may be used again.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"row": self.get_object(), "is_needed": False}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        transferring.set_free(
            balance_id=self.get_object().pk,
            quantity=given["quantity"],
            target_id=given["target"].pk if given["target"] else None,
            now=timezone.now(),
            note=given["note"],
        )
        return self.done()


class ReasonForm(forms.Form):
    """How much, and why."""

    quantity = quantity_field()

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = ReasonCode.objects.filter(kind=kind).order_by("name")
        self.fields["reason"] = forms.ModelChoiceField(reasons, label=_("Why"), empty_label=_("Choose a reason"))
        self.fields["note"] = note_field()


class PutApart(RowDeed):
    """Into quarantine: nothing offers or takes it; who had it reserved is supplied again."""

    form_class, verb = ReasonForm, _l("Quarantine")
    done_message = _l("Put apart. Who had it reserved is supplied again.")
    kind: ClassVar[str] = ReasonCode.Kind.QUARANTINE

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"kind": self.kind}

    def act(self, **given: Any) -> StockMove:
        return shortages.quarantine_stock(**given)

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        self.act(
            balance_id=self.get_object().pk,
            quantity=given["quantity"],
            reason_id=given["reason"].pk,
            now=timezone.now(),
            note=given["note"],
        )
        return self.done()


class Scrap(PutApart):
    """Written off: its value is a stock difference; who had it reserved is supplied again."""

    permission = SCRAP
    verb = _l("Scrap")
    done_message = _l("Written off. Who had it reserved is supplied again.")
    kind = ReasonCode.Kind.SCRAP

    def act(self, **given: Any) -> StockMove:
        return shortages.scrap_stock(**given)


class RemnantForm(forms.Form):
    """A smaller panel: its number, its size in millimetres, how many."""

    number = forms.CharField(label=_l("Number of the new lot"), max_length=60)
    length_mm = forms.IntegerField(label=_l("Length in mm"), min_value=1, max_value=100_000)
    width_mm = forms.IntegerField(label=_l("Width in mm"), min_value=1, max_value=100_000)
    pieces = forms.IntegerField(label=_l("Pieces"), min_value=1, max_value=1000, initial=1)


class CutRemnant(RowDeed):
    """Keep what a cut leaves of a lot as a smaller lot in the same place."""

    form_class, verb = RemnantForm, _l("Cut a remnant")
    done_message = _l("Kept as a lot of its own.")

    def get_rows(self) -> QuerySet[StockBalance]:
        return super().get_rows().filter(lot__length_mm__isnull=False, lot__width_mm__isnull=False)

    def get_initial(self) -> dict[str, Any]:
        lot = self.get_object().lot
        return {"length_mm": lot.length_mm, "width_mm": lot.width_mm, "pieces": 1} if lot else {}

    def perform(self, form: Any) -> str:
        move = lots.cut_remnant(balance_id=self.get_object().pk, now=timezone.now(), **form.cleaned_data)
        return reverse("erp:lot", args=[move.target_lot_id])
