"""Work orders to be: what `create_work_orders` takes, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.production.models import WorkOrder
from masterdata.models import Plant


@dataclass(frozen=True, kw_only=True, slots=True)
class OperationSpec:
    """A routing operation as it is copied."""

    sequence: int
    name: str
    work_centre_id: int
    setup_min: Decimal
    run_min_per_unit: Decimal
    setup_family: str = ""
    is_splittable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class MaterialSpec:
    """A component need: gross base units for the whole work order, at one of its operations.

    A substitute is used `instead_of_id`, of which `instead_qty` would be needed; `is_chosen`: by a person.
    """

    line_no: int
    material_id: int
    unit_id: int
    operation_sequence: int
    quantity: Decimal
    instead_of_id: int | None = None
    instead_qty: Decimal | None = None
    is_chosen: bool = False
    is_scanned: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkOrderSpec:
    """A work order with its operations (in sequence) and component needs.

    `planned_unit_cost` empty: worked out from the needs and minutes; a component that another spec of the same order
    line makes counts at that spec's planned cost.
    """

    plant: Plant
    material_id: int
    quantity: Decimal
    operations: Sequence[OperationSpec]
    materials: Sequence[MaterialSpec]
    bom_id: int | None = None
    routing_id: int | None = None
    sales_order_line_id: int | None = None
    path: str = ""
    state: str = WorkOrder.State.FIRM
    planned_unit_cost: Decimal | None = None
