"""What stock is asked to do: moves, opening stock and demands for reservations, as plain values."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from erp.cost.services import CostTag
from erp.ledger.models import Account
from erp.stock.models import Reservation, StockMove
from masterdata.models import Partner, Plant
from masterdata.numbers import ZERO

Kind, Role = StockMove.Kind, Account.Role

COMING_IN = {Kind.OPENING, Kind.RECEIPT, Kind.OUTPUT, Kind.BYPRODUCT, Kind.ARRIVED, Kind.PUT_BACK, Kind.CAME_BACK}
GOING_OUT = {Kind.ISSUE, Kind.SHIPMENT, Kind.SENT, Kind.SCRAP, Kind.RETURN, Kind.USED}
STAYING = {Kind.RELEASE, Kind.TRANSFER, Kind.CUT}
EITHER_WAY = {Kind.ADJUSTMENT, Kind.REVERSAL}  # with a value it comes in, without it goes out
AT_WHAT_STOCK_GAINS = {Kind.OPENING, Kind.ADJUSTMENT}
CONTRA: dict[str, str] = {
    Kind.OPENING: Role.OPENING,
    Kind.RECEIPT: Role.GRNI,
    Kind.ISSUE: Role.WIP,
    Kind.OUTPUT: Role.WIP,
    Kind.BYPRODUCT: Role.WIP,
    Kind.PUT_BACK: Role.WIP,
    Kind.SHIPMENT: Role.COGS,
    Kind.ADJUSTMENT: Role.STOCK_DIFFERENCE,
    Kind.RELEASE: Role.INVENTORY,
    Kind.TRANSFER: Role.INVENTORY,
    Kind.CUT: Role.INVENTORY,
    Kind.SENT: Role.TRANSIT,
    Kind.ARRIVED: Role.TRANSIT,
    Kind.LOST: Role.TRANSIT,
    Kind.SCRAP: Role.STOCK_DIFFERENCE,
    Kind.RETURN: Role.GRNI,
    Kind.USED: Role.GRNI,
    Kind.CAME_BACK: Role.COGS,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveIntent:
    """One move to post: `quantity` > 0 in base units from `source_id` to `target_id` (locations).

    What comes in (opening, receipt, output, a gain) says its `value`; what goes out (issue, shipment, a loss) leaves
    it empty: stock values it, value-first. `source_order_id` / `target_order_id` say whose order stock is taken or
    filled (empty: free stock); `lot_id` which lot of it, `target_lot_id` the lot that it becomes (empty: it stays what
    it is). What moves inside a plant (transfer, cut) keeps its value in its area. A take from free stock uses
    `reservation_id` when given, else only what nobody has reserved. `document` groups moves into one journal entry per
    document and kind. The line against inventory goes to the account of the kind (`contra` overrides it), with
    `partner`, `sales_order_id` and `work_order_id` as dimensions; when that line is work in progress, `cost` says what
    its cost entry is.

    What goes back to where it came from says at which value it once came (`at_value`): the account against it gets
    that, and a variance what the area really loses more or less. `fee` is how much of a value that comes in, or goes
    back at its own, is what a subcontractor asked for his work; what goes out takes its share. `reverses_id` is the
    move that it undoes, `of_move_id` the one that brought what partly goes back.
    """

    kind: str
    plant: Plant
    material_id: int
    source_id: int
    target_id: int
    quantity: Decimal
    document: str
    value: Decimal | None = None
    source_order_id: int | None = None
    target_order_id: int | None = None
    lot_id: int | None = None
    target_lot_id: int | None = None
    reservation_id: int | None = None
    contra: str = ""
    partner: Partner | None = None
    sales_order_id: int | None = None
    work_order_id: int | None = None
    purchase_order_line_id: int | None = None
    sales_order_line_id: int | None = None
    cost: CostTag | None = None
    memo: str = ""
    at_value: Decimal | None = None
    fee: Decimal = ZERO
    reverses_id: int | None = None
    of_move_id: int | None = None
    reason_id: int | None = None
    note: str = ""

    @property
    def fills_stock(self) -> bool:
        return self.kind in COMING_IN or self.kind in STAYING or (self.kind in EITHER_WAY and self.value is not None)

    @property
    def takes_stock(self) -> bool:
        return self.kind in GOING_OUT or self.kind in STAYING or (self.kind in EITHER_WAY and self.value is None)

    @property
    def is_adjustment(self) -> bool:
        return self.kind == Kind.ADJUSTMENT

    @property
    def keeps_value(self) -> bool:
        """Stays in its valuation area: no value moves."""
        return self.kind in {Kind.TRANSFER, Kind.CUT}

    @property
    def into_lot_id(self) -> int | None:
        """The lot that is filled."""
        return self.lot_id if self.target_lot_id is None else self.target_lot_id

    @property
    def contra_role(self) -> str:
        return self.contra or CONTRA[self.kind]


@dataclass(frozen=True, slots=True)
class OpeningStock:
    """Stock found when the books were opened: base units in a location, and what one is worth."""

    material_id: int
    location_id: int
    quantity: Decimal
    unit_cost: Decimal
    lot_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StockDemand:
    """Keep `quantity` of free stock for a work order's material, an order line or a supplied component (one of them).

    `balance_id` names the balance to take it from; empty: any stock location of the plant, oldest balance first.
    `priority` and `expires_at` are the reservation's.
    """

    plant_id: int
    material_id: int
    quantity: Decimal
    work_order_material_id: int | None = None
    sales_order_line_id: int | None = None
    supplied_component_id: int | None = None
    balance_id: int | None = None
    kind: str = Reservation.Kind.SOFT
    priority: int | None = None
    expires_at: dt.datetime | None = None


@dataclass(slots=True)
class HeldBalance:
    """A locked balance and what this transaction changes of it. `needs_lot`: its material has lots, it names none."""

    id: int
    material_id: int
    plant_id: int
    location_id: int
    location_kind: str
    order_id: int | None
    on_hand: Decimal
    reserved: Decimal
    lot_id: int | None
    expires_on: dt.date | None
    is_serial: bool
    needs_lot: bool
    moved: Decimal = ZERO
    claimed: Decimal = ZERO

    @property
    def free(self) -> Decimal:
        return self.on_hand - self.reserved


@dataclass(slots=True)
class HeldValue:
    """A locked material value and what this transaction changes of it. The next method and standard price are taken up
    when it is filled from nothing."""

    id: int
    quantity: Decimal
    value: Decimal
    method: str
    standard_price: Decimal
    next_method: str
    next_price: Decimal
    fee: Decimal
    moved: Decimal = ZERO
    worth: Decimal = ZERO
    fee_moved: Decimal = ZERO
    is_changed: bool = False
