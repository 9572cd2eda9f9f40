"""What stock is asked to do: moves, opening stock and demands for reservations, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from erp.cost.services import CostTag
from erp.ledger.models import Account
from erp.stock.models import Reservation, StockMove
from masterdata.models import Partner, Plant
from masterdata.numbers import ZERO

Kind, Role = StockMove.Kind, Account.Role

COMING_IN = {Kind.OPENING, Kind.RECEIPT, Kind.OUTPUT}
GOING_OUT = {Kind.ISSUE, Kind.SHIPMENT}
CONTRA: dict[str, str] = {
    Kind.OPENING: Role.OPENING,
    Kind.RECEIPT: Role.GRNI,
    Kind.ISSUE: Role.WIP,
    Kind.OUTPUT: Role.WIP,
    Kind.SHIPMENT: Role.COGS,
    Kind.ADJUSTMENT: Role.STOCK_DIFFERENCE,
    Kind.RELEASE: Role.INVENTORY,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MoveIntent:
    """One move to post: `quantity` > 0 in base units from `source_id` to `target_id` (locations).

    What comes in (opening, receipt, output, a gain) says its `value`; what goes out (issue, shipment, a loss) leaves
    it empty: stock values it, value-first. `source_order_id` / `target_order_id` say whose order stock is taken or
    filled (empty: free stock). A take from free stock uses `reservation_id` when given, else only what nobody has
    reserved. `document` groups moves into one journal entry per document and kind. The line against inventory goes to
    the account of the kind (`contra` overrides it), with `partner`, `sales_order_id` and `work_order_id` as
    dimensions; when that line is work in progress, `cost` says what its cost entry is.
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
    reservation_id: int | None = None
    contra: str = ""
    partner: Partner | None = None
    sales_order_id: int | None = None
    work_order_id: int | None = None
    purchase_order_line_id: int | None = None
    sales_order_line_id: int | None = None
    cost: CostTag | None = None
    memo: str = ""

    @property
    def fills_stock(self) -> bool:
        return self.kind in COMING_IN or self.kind == Kind.RELEASE or (self.is_adjustment and self.value is not None)

    @property
    def takes_stock(self) -> bool:
        return self.kind in GOING_OUT or self.kind == Kind.RELEASE or (self.is_adjustment and self.value is None)

    @property
    def is_adjustment(self) -> bool:
        return self.kind == Kind.ADJUSTMENT

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


@dataclass(frozen=True, kw_only=True, slots=True)
class StockDemand:
    """Keep `quantity` of free stock for a work order's material or an order line (exactly one of them).

    `balance_id` names the balance to take it from; empty: any stock location of the plant, oldest balance first.
    """

    plant_id: int
    material_id: int
    quantity: Decimal
    work_order_material_id: int | None = None
    sales_order_line_id: int | None = None
    balance_id: int | None = None
    kind: str = Reservation.Kind.SOFT


@dataclass(slots=True)
class HeldBalance:
    """A locked balance and what this transaction changes of it."""

    id: int
    material_id: int
    plant_id: int
    location_id: int
    location_kind: str
    order_id: int | None
    on_hand: Decimal
    reserved: Decimal
    moved: Decimal = ZERO
    claimed: Decimal = ZERO

    @property
    def free(self) -> Decimal:
        return self.on_hand - self.reserved


@dataclass(slots=True)
class HeldValue:
    """A locked material value and what this transaction changes of it."""

    id: int
    quantity: Decimal
    value: Decimal
    moved: Decimal = ZERO
    worth: Decimal = ZERO
