"""What a planning run works on: parameters, demands, supplies that are fixed, proposals, and what the run wants."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal

from masterdata.numbers import ZERO

NEW = 10**15  # ids from here on are of rows that the run will write; they sort behind those that exist

WORK, LINE, PLANNED = "work_order", "purchase_order_line", "planned_order"  # kinds of supply, as a peg names them
NEED, ORDER, TRANSFER = "work_order_material", "sales_order_line", "transfer"  # kinds of demand, likewise
COMPONENT = "supplied_component"  # what a purchase order's supplier still has to get from us


@dataclass(frozen=True, slots=True)
class Part:
    """A BOM line: `quantity` per `base_qty` of the parent, net of scrap."""

    line_no: int
    material_id: int
    quantity: Decimal
    scrap_percent: Decimal
    operation_sequence: int | None


@dataclass(frozen=True, slots=True)
class Beside:
    """A by-product: `quantity` beside each `base_qty` good pieces of the parent, in whole steps."""

    material_id: int
    quantity: Decimal
    step: Decimal

    def brought_by(self, pieces: Decimal, base_qty: Decimal) -> Decimal:
        """What so many good pieces bring, as `erp.production.byproducts` books it."""
        return (pieces * self.quantity / (base_qty * self.step)).to_integral_value(rounding=ROUND_FLOOR) * self.step


@dataclass(frozen=True, slots=True)
class Substitute:
    """A material that may be used instead of a BOM line's component: `ratio` of it for one."""

    material_id: int
    ratio: Decimal
    valid_from: dt.date | None
    valid_until: dt.date | None
    by_itself: bool

    def is_valid(self, day: dt.date) -> bool:
        """Whether it may be used for what is needed on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(slots=True)
class Item:
    """A material with its parameters in the plant. `step` is what its quantities round up to."""

    material_id: int
    code: str
    is_made: bool
    unit_id: int
    step: Decimal
    level: int
    bom_id: int | None
    base_qty: Decimal
    routing_id: int | None
    first_sequence: int | None
    sequences: frozenset[int]
    policy: str
    safety_stock: Decimal
    reorder_point: Decimal
    lead_days: int
    lot_rule: str
    lot_qty: Decimal
    period_days: int
    max_lot: Decimal | None
    scrap_percent: Decimal
    safety_days: int
    fence_days: int
    source_plant_id: int | None
    parts: list[Part] = field(default_factory=list)
    beside: list[Beside] = field(default_factory=list)
    group: int | None = None

    @property
    def kind(self) -> str:
        """How it is supplied here: "transfer", "make" or "buy"; made without a routing is bought with a problem."""
        if self.source_plant_id is not None:
            return "transfer"
        return "make" if self.is_made and self.routing_id is not None else "buy"


@dataclass(slots=True, eq=False)
class Demand:
    """`open` is what nothing reserves or brings for good yet. `parent_id` is the work order that needs it.

    A TRANSFER is a planned order's: what goes to another plant, or what a subcontractor needs for it. A demand of a
    proposal reserves nothing: the proposal may go again. `written`: material and quantity of a need's row. `main`: the
    component that a substitute is used instead of, and how much of that would be needed. `may_swap`: no person has
    decided, and nothing of it is made, used or has come; `is_stock_work`: its work is a proposal of this run.

    Of a customer's own work (`is_order_work`) `asked_on` is the day that the customer's day asks for, and `bought` what
    comes for it for good, and when. By-products may come until `at`, which is the start of the operation if that is
    planned; when nobody knows the moment they have to come a day before.
    """

    kind: str
    id: int
    material_id: int
    quantity: Decimal
    open: Decimal
    on: dt.date
    parent_id: int | None = None
    line_no: int = 0
    is_proposed: bool = False
    is_released: bool = False
    bom_id: int | None = None
    written: tuple[int, Decimal] | None = None
    main: tuple[int, Decimal] | None = None
    may_swap: bool = False
    is_stock_work: bool = False
    is_order_work: bool = False
    is_undecided: bool = False
    kept: Decimal = ZERO
    at: dt.datetime | None = None
    asked_on: dt.date | None = None
    bought: tuple[Decimal, dt.date] | None = None

    @property
    def key(self) -> tuple[dt.date, bool, str, int]:
        return self.on, self.is_proposed, self.kind, self.id


@dataclass(slots=True, eq=False)
class Supply:
    """Something firm that comes: `quantity` is still to come and free for planning; the rest is an order's for good.

    `needed_on`: the earliest day for which that rest is needed, `asked_on` the one that what was promised at first asks
    for. `on` is when it comes. `is_beside`: a by-product of work that is there for something else, so nobody is told to
    move it; what `is_sent` is on the way and can only be hurried. Of firm work it comes `at` that moment.
    """

    kind: str
    id: int
    material_id: int
    quantity: Decimal
    on: dt.date
    whole: Decimal = ZERO
    needed_on: dt.date | None = None
    is_beside: bool = False
    is_sent: bool = False
    asked_on: dt.date | None = None
    at: dt.datetime | None = None

    def is_in_time_for(self, demand: Demand) -> bool:
        """A by-product serves only what is needed after it: else what brings it could wait for it."""
        if not self.is_beside:
            return True
        if self.at is not None and demand.at is not None:
            return self.at <= demand.at
        return self.on < demand.on


@dataclass(slots=True, eq=False)
class Proposal:
    """A work order or planned order that planning may change: what is written of it."""

    kind: str
    id: int
    material_id: int
    quantity: Decimal
    due_on: dt.date
    start_on: dt.date | None
    bom_id: int | None = None
    routing_id: int | None = None
    source_plant_id: int | None = None
    problem: str = ""


@dataclass(slots=True, eq=False)
class Lot:
    """What the run wants of a material: `quantity` put in gives `yields`; ready `due_on` when begun `start_on`.

    `wished_on` is the start that the need asks for; before today it is re-dated. `free` is what nobody has taken yet.
    Of what `is_subcontract` we supply the components.
    """

    material_id: int
    quantity: Decimal
    yields: Decimal
    due_on: dt.date
    start_on: dt.date
    wished_on: dt.date
    free: Decimal
    id: int = 0
    problem: str = ""
    is_subcontract: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """An action message as the run wants it; `supply` is its kind and id; `need` and `substitute` of a replacement."""

    material_id: int
    kind: str
    quantity: Decimal
    from_on: dt.date | None = None
    to_on: dt.date | None = None
    supply: tuple[str, int] | None = None
    need_id: int | None = None
    substitute_id: int | None = None

    @property
    def key(self) -> tuple[int, str, tuple[str, int] | None, int | None]:
        return self.material_id, self.kind, self.supply, self.need_id


Pegs = dict[tuple[str, int, str, int], Decimal]  # kind and id of the supply, kind and id of the demand -> quantity


@dataclass(slots=True)
class Outcome:
    """What one material's planning wants: lots, pegs, reservations of stock (demand, quantity), messages."""

    lots: list[Lot] = field(default_factory=list)
    pegs: list[tuple[Supply | Lot, Demand, Decimal]] = field(default_factory=list)
    reserved: list[tuple[Demand, Decimal]] = field(default_factory=list)
    from_stock: dict[int, Decimal] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
