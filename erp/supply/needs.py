"""What netting works on: demands, needs, and the work and purchases that cover them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from erp.supply.sources import SupplierOffer
from erp.supply.structure import Instead, Step
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Demand:
    """A sales order line, or a question about one (`line_id` 0). `due_at`: when it has to leave, if that is known."""

    line_id: int
    line_no: int
    plant_id: int
    material_id: int
    quantity: Decimal
    due_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class FromStock:
    """Free stock kept for a need."""

    balance_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class FromPurchase:
    """A part of a purchase order line that nobody had claimed."""

    line_id: int
    quantity: Decimal
    ready_at: dt.datetime


@dataclass(frozen=True, slots=True)
class FromOwn:
    """Pieces of a work order of the same sales order that nothing else of the order needs any more."""

    work_order_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class FromBeside:
    """A by-product of work that is there for something else, for nobody yet."""

    work_order_id: int
    quantity: Decimal
    ready_at: dt.datetime


@dataclass(frozen=True, slots=True)
class FromTransit:
    """What is on the way from another plant, for nobody yet."""

    planned_order_id: int
    quantity: Decimal
    ready_at: dt.datetime


@dataclass(slots=True, eq=False)
class Need:
    """`quantity` of a material for a demand (`line_no` is the order's) or for a work order (the BOM's), and its cover.

    `ready_at` is when all of the bought part is there; empty when it is in stock or made. `planned` is left to
    material planning, which supplies it for all orders together. `needed_at` is when the day that the customer wants
    asks for it, if known. `instead` may stand in for it; once something does, `main` is the component that it replaces
    and how much of that would be needed; `is_decided`: somebody said so.
    """

    plant_id: int
    material_id: int
    unit_id: int
    line_no: int
    quantity: Decimal
    operation_sequence: int = 0
    demand: Demand | None = None
    path: str = ""
    own: list[FromOwn] = field(default_factory=list)
    stock: list[FromStock] = field(default_factory=list)
    ordered: list[FromPurchase] = field(default_factory=list)
    beside: list[FromBeside] = field(default_factory=list)
    transit: list[FromTransit] = field(default_factory=list)
    make: Make | None = None
    ready_at: dt.datetime | None = None
    planned: Decimal = ZERO
    needed_at: dt.datetime | None = None
    instead: Sequence[Instead] = ()
    main: tuple[int, Decimal] | None = None
    is_decided: bool = False
    is_scanned: bool = False

    def wait_until(self, ready_at: dt.datetime) -> None:
        """Not all of it is there before `ready_at`."""
        self.ready_at = max(self.ready_at or ready_at, ready_at)


@dataclass(slots=True, eq=False)
class Make:
    """A work order to be: `quantity` rounded up to the unit's step, of which `need` takes `for_need`."""

    path: str
    need: Need
    line_id: int
    plant_id: int
    material_id: int
    bom_id: int | None
    routing_id: int
    for_need: Decimal
    quantity: Decimal
    steps: tuple[Step, ...]
    components: list[Need] = field(default_factory=list)

    @property
    def parent_path(self) -> str:
        """Path of the work order that uses the output; empty for the product itself."""
        return self.path.rpartition(".")[0]

    def ready_at(self, sequence: int) -> dt.datetime | None:
        """When the bought material of an operation is there; empty: at once."""
        times = [need.ready_at for need in self.components if need.operation_sequence == sequence and need.ready_at]
        return max(times, default=None)


@dataclass(slots=True, eq=False)
class Purchase:
    """A purchase order line to be, or (without `offer`) a planned order that says why nobody was asked."""

    plant_id: int
    material_id: int
    offer: SupplierOffer | None
    quantity: Decimal
    due_at: dt.datetime
    problem: str = ""
    pegs: list[tuple[Need, Decimal]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Netting:
    """All needs level by level, the work orders in the order of their paths' levels, and what has to be bought.

    Material planning has to look after what is `to_watch` (plant, material) from now on: by-products and transfers that
    are counted on, components that something else may be used for, or is, and what comes too late.
    """

    needs: list[Need] = field(default_factory=list)
    makes: list[Make] = field(default_factory=list)
    purchases: list[Purchase] = field(default_factory=list)
    to_watch: set[tuple[int, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Explosion:
    """What confirming one line would write now: `work_orders` by path ("1", "1.1", "1.1.2"), with what each waits for.

    `ready_at` is when the line can be shipped if nothing has to be made (stock: now; bought: when it comes). `tops` are
    the needs of the lines themselves: one, unless the question was split or has several. `bought_at`: when the lines
    for which nothing is made are all there, if other lines are made.
    """

    plant_id: int
    material_id: int
    quantity: Decimal
    work_orders: tuple[Make, ...]
    purchases: tuple[Purchase, ...]
    from_stock: Decimal
    ready_at: dt.datetime | None
    tops: tuple[Need, ...] = ()
    bought_at: dt.datetime | None = None

    @property
    def waiting(self) -> list[Need]:
        """Needs of bought material that is not all in stock, those that come last first."""
        needs = [*self.tops, *(need for make in self.work_orders for need in make.components)]
        late = [(need.ready_at, need) for need in needs if need.ready_at is not None]
        return [need for _, need in sorted(late, key=lambda pair: pair[0], reverse=True)]

    def need_of(self, path: str, sequence: int) -> Need | None:
        """What an operation (or, at no operation's path, a line itself) waits for longest."""
        needs = [
            need
            for make in self.work_orders
            if make.path == path
            for need in make.components
            if need.operation_sequence == sequence
        ] or [need for need in self.tops if need.path == path]
        late = [(need.ready_at, need) for need in needs if need.ready_at is not None]
        return max(late, key=lambda pair: pair[0])[1] if late else None
