"""What can happen in the hub."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from masterdata.facts import Fact


@dataclass(frozen=True, kw_only=True)
class OrderConfirmed(Fact):
    """An order is taken: stock reserved, supply written. `plant_ids` have new work to plan."""

    about = ("order:{order_id}",)

    order_id: int
    plant_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class OperationReported(Fact):
    """Pieces were made at an operation; stock, cost and ledger have moved.

    `loses_pieces`: PiecesLost stands beside it and wants the plan.
    """

    about = ("order:{order_id}", "work_order:{work_order_id}")

    operation_id: int
    work_order_id: int
    order_id: int | None
    plant_id: int
    good_qty: Decimal
    scrap_qty: Decimal
    is_finished: bool
    loses_pieces: bool = False
    rework_qty: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class ReportTakenBack(Fact):
    """A report from the floor never was; stock, cost and ledger have moved back."""

    about = ("order:{order_id}", "work_order:{work_order_id}")

    operation_id: int
    work_order_id: int
    order_id: int | None
    plant_id: int
    good_qty: Decimal
    scrap_qty: Decimal


@dataclass(frozen=True, kw_only=True)
class PiecesLost(Fact):
    """A work order yields less than an order needs of it; `quantity` pieces are supplied again."""

    about = ("order:{order_id}",)

    work_order_id: int
    order_id: int
    plant_id: int
    quantity: Decimal


@dataclass(frozen=True, kw_only=True)
class GoodsReceived(Fact):
    """A supplier's delivery is in stock; `order_ids` were waiting for it."""

    about = ("receipt:{receipt_id}",)

    receipt_id: int
    plant_id: int
    order_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class StockShort(Fact):
    """Less is there than was reserved: a count, scrap, quarantine, a blocked place. `order_ids` are supplied again."""

    about = ("plant:{plant_id}",)

    plant_id: int
    order_ids: tuple[int, ...]
    text: str


@dataclass(frozen=True, kw_only=True)
class PurchaseDateChanged(Fact):
    """A purchase line comes on another day than was counted on, or not any more; `order_ids` wait for it."""

    about = ("purchase_order:{purchase_order_id}",)

    line_id: int
    purchase_order_id: int
    plant_id: int
    order_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class SupplyPlanned(Fact):
    """Material planning made work firm that no plan knows yet, uses substitutes in firm work, or gave orders dates; or
    there is a rework step, or a part of a work order that was split, to be planned."""

    plant_id: int
    work_order_ids: tuple[int, ...]
    order_ids: tuple[int, ...]

    @property
    def subject(self) -> str:
        return f"work_order:{self.work_order_ids[0]}" if self.work_order_ids else ""


@dataclass(frozen=True, kw_only=True)
class PurchaseChanged(Fact):
    """Lines of a purchase order were agreed anew: what of them, from what to what (numbers, days).

    `what`: quantity, price, day, confirmed, parts, components, cancelled or short (it came short, the rest was written
    off).
    """

    about = ("purchase:{purchase_order_id}",)

    purchase_order_id: int
    line_nos: tuple[int, ...]
    what: str
    before: str = ""
    after: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class WorkOrderChanged(Fact):
    """Somebody decided for a work order: `what` (released, unreleased, issued, returned, split, short, rework,
    cancelled, replaced) and, in words, what of it or why."""

    about = ("work_order:{work_order_id}",)

    work_order_id: int
    plant_id: int
    what: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ComponentReplaced(Fact):
    """Somebody decided for a component of firm work: `used` (a material's code) instead of `before`, which it used.

    `is_kept`: the BOM's own component is used again, and planning does not replace it.
    """

    about = ("work_order:{work_order_id}",)

    plant_id: int
    work_order_id: int
    before: str
    used: str
    is_kept: bool = False


@dataclass(frozen=True, kw_only=True)
class ComponentsMoved(Fact):
    """Components went to a subcontractor or came back, with a note; what each was, and how much of it."""

    about = ("purchase:{purchase_order_id}",)

    purchase_order_id: int
    note_id: int
    is_return: bool


@dataclass(frozen=True, kw_only=True)
class OrderShipped(Fact):
    """A shipment left; cost of goods is posted."""

    about = ("order:{order_id}",)

    order_id: int
    shipment_id: int


@dataclass(frozen=True, kw_only=True)
class OrderDelivered(Fact):
    """A shipment is at the customer's; somebody took it."""

    about = ("order:{order_id}",)

    order_id: int
    shipment_id: int
    received_by: str


@dataclass(frozen=True, kw_only=True)
class GoodsCameBack(Fact):
    """Goods of an order came back from the customer; their cost left the order's cost of goods."""

    about = ("order:{order_id}",)

    order_id: int
    return_id: int
    plant_id: int
    quantity: Decimal


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Fact):
    """What had not left of a confirmed order, or of lines of it, is cancelled; its plants have less to do."""

    about = ("order:{order_id}",)

    order_id: int
    plant_ids: tuple[int, ...]
    reason: str


@dataclass(frozen=True, kw_only=True)
class LineMoved(Fact):
    """A confirmed order's line is made in another plant: its work, stock and purchases are there now."""

    about = ("order:{order_id}",)

    order_id: int
    line_id: int
    line_no: int
    from_plant_id: int
    plant_id: int
    text: str


@dataclass(frozen=True, kw_only=True)
class CreditReleased(Fact):
    """Somebody let an order pass although its customer owes too much, too long, or is on hold."""

    about = ("order:{order_id}",)

    order_id: int
    release_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class InvoicePosted(Fact):
    """An invoice has its legal number and stands in the ledger."""

    about = ("order:{order_id}",)

    order_id: int
    invoice_id: int


@dataclass(frozen=True, kw_only=True)
class ReminderSent(Fact):
    """A customer is reminded of what is overdue; fee and interest are invoiced."""

    about = ("reminder:{notice_id}",)

    notice_id: int


@dataclass(frozen=True, kw_only=True)
class PaymentReceived(Fact):
    """A customer's money is in the bank and allocated."""

    about = ("order:{order_id}",)

    order_id: int
    payment_id: int
