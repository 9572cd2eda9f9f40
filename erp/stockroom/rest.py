"""The stockroom over REST: moves inside and between plants, lots, counts, pieces kept."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.sales.services import keeping, shortages
from erp.stock import counting, lots, places, selectors, transferring
from erp.stock.models import CountLimit, CountSheet, HomeLocation, Lot, Reservation, StockBalance, Transfer
from erp.stock.rest import MoveRow
from erp.stockroom import rows
from erp.supply.services import journeys as sending
from masterdata.access import demand, may
from masterdata.api.deeds import creates, deed, part
from masterdata.api.rows import EditableRows, ReadableRows
from masterdata.models import Location, Material

SEE, MOVE, COUNT, KEEP = "erp.view_stock", "erp.move_stock", "erp.count_stock", "erp.reserve_stock"


class Balances(ReadableRows):
    """What lies where, of which lot, whose it is, and how much of it is reserved."""

    queryset = StockBalance.objects.all()
    serializer_class = rows.BalanceRow
    view_deed = SEE
    filterset_fields = ("material", "plant", "location", "sales_order", "lot")

    @deed(MOVE, takes=rows.MoveBody, gives=MoveRow)
    def transfer(self, request: Request, pk: str) -> Response:
        """To another stock location of the plant; what is reserved of it stays reserved there."""
        row, given = self.get_object(), self.taken()
        piece = transferring.Piece(row.pk, given["quantity"])
        moves = transferring.transfer_stock(
            pieces=[piece], target_id=given["target"].pk, now=timezone.now(), note=given["note"]
        )
        return self.shown(MoveRow, moves[0])

    @deed(MOVE, takes=rows.ReasonBody, gives=MoveRow)
    def quarantine(self, request: Request, pk: str) -> Response:
        """Put it apart; who had it reserved is supplied again."""
        return self._gone(shortages.quarantine_stock)

    @deed("erp.scrap_stock", takes=rows.ReasonBody, gives=MoveRow)
    def scrap(self, request: Request, pk: str) -> Response:
        """Write it off; who had it reserved is supplied again."""
        return self._gone(shortages.scrap_stock)

    @deed(MOVE, takes=rows.SetFreeBody, gives=MoveRow)
    def set_free(self, request: Request, pk: str) -> Response:
        """Out of quarantine."""
        row, given = self.get_object(), self.taken()
        target = given.get("target")
        move = transferring.set_free(
            balance_id=row.pk,
            quantity=given["quantity"],
            target_id=target.pk if target else None,
            now=timezone.now(),
            note=given["note"],
        )
        return self.shown(MoveRow, move)

    @deed(MOVE, takes=rows.RemnantBody, gives=MoveRow)
    def cut_remnant(self, request: Request, pk: str) -> Response:
        """Keep what a cut leaves of a lot with dimensions as a smaller lot."""
        row = self.get_object()
        return self.shown(MoveRow, lots.cut_remnant(balance_id=row.pk, now=timezone.now(), **self.taken()))

    def _gone(self, do: Any) -> Response:
        row, given = self.get_object(), self.taken()
        move = do(
            balance_id=row.pk,
            quantity=given["quantity"],
            reason_id=given["reason"].pk,
            now=timezone.now(),
            note=given["note"],
        )
        return self.shown(MoveRow, move)


class Blocking:
    """Deeds of rows that can be shut: a lot, a place. Nothing of them is offered, netted, reserved or taken then."""

    @deed(MOVE, takes=rows.BecauseBody)
    def block(self: Any, request: Request, pk: str) -> Response:
        """Nothing of it, or there, is offered or taken; who had it reserved is supplied again."""
        row, because = self.get_object(), self.taken()["because"]
        return self.set_blocked(row, because)

    @deed(MOVE)
    def unblock(self: Any, request: Request, pk: str) -> Response:
        """It may be used again."""
        return self.set_blocked(self.get_object(), "")


class Lots(Blocking, ReadableRows):
    """Batches, numbered pieces and remnants."""

    queryset = Lot.objects.all()
    serializer_class = rows.LotRow
    view_deed = SEE
    filterset_fields = ("material", "number", "kind", "is_blocked", "cut_from")
    search_fields = ("number", "supplier_lot")

    @creates(MOVE, takes=rows.LotBody, gives=rows.LotRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The lot of this number, made when it is new."""
        return self.answer(lots.ensure_lot(now=timezone.now(), **self.taken(rows.LotBody)), status=201)

    @part(SEE, gives=rows.TraceRow(many=True))
    def trace(self, request: Request, pk: str) -> Response:
        """Every move of it, and of what was cut from it, the oldest first."""
        return self.shown(rows.TraceRow, selectors.lot_trace(self.get_object(), self.request.user), many=True)

    def set_blocked(self, row: Any, because: str) -> Response:
        return self.answer(shortages.block_lot(lot_id=row.pk, because=because, now=timezone.now()))


class Places(Blocking, ReadableRows):
    """Locations as the stockroom sees them."""

    queryset = Location.objects.all()
    serializer_class = rows.PlaceRow
    view_deed = SEE
    filterset_fields = ("plant", "parent", "kind", "code", "is_blocked", "is_receiving")
    search_fields = ("code", "name")

    def set_blocked(self, row: Any, because: str) -> Response:
        return self.answer(shortages.block_location(location_id=row.pk, because=because, now=timezone.now()))


class TrackedMaterials(ReadableRows):
    """How materials are kept: by quantity, lot or serial number."""

    queryset = Material.objects.all()
    serializer_class = rows.TrackedRow
    view_deed = SEE
    filterset_fields = ("code", "tracking", "is_dimensioned")

    @deed("masterdata.edit_material", takes=rows.TrackingBody)
    def set_tracking(self, request: Request, pk: str) -> Response:
        """While none of it is on hand."""
        row = self.get_object()
        return self.answer(lots.set_tracking(material_id=row.pk, **self.taken()))


class Transfers(ReadableRows):
    """Goods from one plant to another."""

    queryset = Transfer.objects.prefetch_related("lines")
    serializer_class = rows.TransferRow
    view_deed = SEE
    filterset_fields = ("number", "plant", "to_plant")

    @creates(MOVE, takes=rows.SendBody, gives=rows.TransferRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """They leave now."""
        given = self.taken(rows.SendBody)
        pieces = [transferring.Piece(one["balance"].pk, one["quantity"]) for one in given.pop("pieces")]
        planned = [one.pk for one in given.pop("planned_orders", ())]
        sent = sending.send_transfer(pieces=pieces, now=timezone.now(), planned_order_ids=planned, **given)
        return self.answer(sent, status=201)

    @deed(MOVE, takes=rows.ArriveBody)
    def receive(self, request: Request, pk: str) -> Response:
        """All that is on the way has arrived, or the lines given."""
        transfer, given = self.get_object(), self.taken()
        demand(request.user, MOVE, transfer.to_plant_id)
        lines, target = given.get("lines"), given.get("target")
        sending.receive_transfer(
            transfer_id=transfer.pk,
            lines=None if lines is None else [(line["line"], line["quantity"]) for line in lines],
            target_id=target.pk if target else None,
            now=timezone.now(),
        )
        return self.answer(transfer)

    @deed("erp.scrap_stock", takes=rows.GiveUpBody)
    def give_up(self, request: Request, pk: str) -> Response:
        """What is still on the way will not arrive."""
        transfer = self.get_object()
        demand(request.user, "erp.scrap_stock", transfer.plant_id)
        sending.give_up_transfer(transfer_id=transfer.pk, now=timezone.now(), **self.taken())
        return self.answer(transfer)


class CountSheets(ReadableRows):
    """Places that are counted together."""

    queryset = CountSheet.objects.prefetch_related("lines__sheet")
    serializer_class = rows.CountSheetRow
    view_deed = SEE
    filterset_fields = ("number", "plant", "location", "material")

    @creates(COUNT, takes=rows.SheetBody, gives=rows.CountSheetRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A sheet of all that lies there by the book."""
        return self.answer(counting.make_count_sheet(now=timezone.now(), **self.taken(rows.SheetBody)), status=201)

    @deed(COUNT, takes=rows.FoundBody)
    def enter(self, request: Request, pk: str) -> Response:
        """What was found in a place of the sheet; entered again, the last counts."""
        sheet, given = self.get_object(), self.taken()
        if not sheet.lines.filter(pk=given["line"]).exists():
            raise serializers.ValidationError({"line": ["This sheet has no such line."]})
        counting.enter_count(
            line_id=given["line"],
            quantity=given["quantity"],
            by=self.caller(),
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.answer(sheet)

    @deed(COUNT, takes=rows.FoundElsewhereBody)
    def found(self, request: Request, pk: str) -> Response:
        """Something that the sheet does not know of."""
        sheet, given = self.get_object(), self.taken()
        counting.enter_found(
            sheet_id=sheet.pk,
            material=given["material"],
            location=given["location"],
            lot=given.get("lot"),
            quantity=given["quantity"],
            by=self.caller(),
            now=timezone.now(),
        )
        return self.answer(sheet)

    @deed(COUNT, path="post")
    def post_sheet(self, request: Request, pk: str) -> Response:
        """Post the differences; above the plant's limit somebody who may approve them does."""
        sheet = self.get_object()
        shortages.post_count(
            sheet_id=sheet.pk,
            now=timezone.now(),
            by=self.caller(),
            may_approve=may(request.user, "erp.approve_count"),
            expected_version=self.expected_version(),
        )
        return self.answer(sheet)

    @deed(COUNT)
    def drop(self, request: Request, pk: str) -> Response:
        """Nothing of it is posted."""
        sheet = self.get_object()
        counting.drop_count_sheet(sheet_id=sheet.pk, now=timezone.now(), expected_version=self.expected_version())
        return self.answer(sheet)


class CountLimits(EditableRows):
    """From which value on a plant's count differences need approval."""

    queryset = CountLimit.objects.all()
    serializer_class = rows.CountLimitRow
    view_deed, edit_deed = SEE, "erp.approve_count"
    filterset_fields = ("plant",)


class Homes(ReadableRows):
    """Fixed places of materials."""

    queryset = HomeLocation.objects.all()
    serializer_class = rows.HomeRow
    view_deed = SEE
    filterset_fields = ("material", "plant", "location")

    @deed(MOVE, takes=rows.HomeBody, gives=rows.HomesRow, on_one=False)
    def set_home(self, request: Request) -> Response:
        """Give a material its fixed place in a plant, or none."""
        given = self.taken()
        places.set_home(**given)
        found = HomeLocation.objects.filter(material=given["material"], plant=given["plant"])
        return self.shown(rows.HomesRow, {"homes": found})


class Reservations(ReadableRows):
    """Free stock that is kept for somebody."""

    queryset = Reservation.objects.all()
    serializer_class = rows.ReservationRow
    view_deed = SEE
    filterset_fields = ("balance", "balance__material", "kind", "work_order_material", "sales_order_line")

    @deed(KEEP, takes=rows.KeepBody, gives=rows.KeptRow, on_one=False, status=201)
    def keep(self, request: Request) -> Response:
        """All of the quantity, or a refusal that says what is left."""
        given = self.taken()
        line, need = given.pop("sales_order_line", None), given.pop("work_order_material", None)
        kept = keeping.keep_pieces(
            sales_order_line_id=line.pk if line else None,
            work_order_material_id=need.pk if need else None,
            now=timezone.now(),
            **given,
        )
        return self.shown(rows.KeptRow, {"reservations": kept}, status=201)

    @deed(KEEP, takes=rows.LetGoBody)
    def let_go(self, request: Request, pk: str) -> Response:
        """Give it back; a confirmed demand is supplied anew, and not from these pieces."""
        row = self.get_object()
        keeping.let_pieces_go(reservation_id=row.pk, now=timezone.now(), quantity=self.taken().get("quantity"))
        return self.answer(row)


VIEWSETS: list[tuple[str, Any]] = [
    ("stock-balances", Balances),
    ("lots", Lots),
    ("stock-places", Places),
    ("tracked-materials", TrackedMaterials),
    ("transfers", Transfers),
    ("count-sheets", CountSheets),
    ("count-limits", CountLimits),
    ("home-locations", Homes),
    ("reservations", Reservations),
]
