"""What goes with a work order through the shop, with a code to scan for the order and for each operation."""

from __future__ import annotations

from typing import Any

from erp.production.models import WorkOrder, WorkOrderOperation
from masterdata.documents import codes
from masterdata.documents.printing import Pdf, sheet_pdf
from masterdata.documents.wording import Wording, wording


def traveller_pdf(order: WorkOrder, language: str = "") -> Pdf:
    """In the language asked for, else the company's: the shop reads it. Comes with plant, company, material, order."""
    say = wording(language, order.plant.company.language)
    operations = order.operations.select_related("work_centre", "planned_machine", "machine").order_by("sequence")
    data = {
        "lang": say.language.split("-", 1)[0],
        "title": say.title("traveller"),
        "number": order.number,
        "plant": order.plant.name,
        "page_of": say.page_of,
        "code": codes.qr(order.number),
        "product": {"name": order.material.name, "code": order.material.code},
        "facts": _facts(order, say),
        "heads": [
            say.head("no"),
            say.head("operation"),
            say.head("planned"),
            say.head("minutes"),
            say.head("scan"),
        ],
        "operations": [_operation(one, order, say) for one in operations],
        "component_heads": [say.head("operation"), say.head("component"), say.head("quantity"), say.head("lot")],
        "components": _components(order, say),
    }
    return sheet_pdf("traveller", f"{say.title('traveller')} {order.number}", data)


def operation_code(order: WorkOrder, sequence: int) -> str:
    """What the code of an operation says: number of the work order, slash, sequence."""
    return f"{order.number}/{sequence}"


def _facts(order: WorkOrder, say: Wording) -> list[tuple[str, str]]:
    facts = [(say.fact("quantity"), say.quantity(order.quantity, order.material.unit.code))]
    line = order.sales_order_line
    if line is not None:
        facts.append((say.fact("order"), f"{line.order.number} · {line.order.customer.name}"))
        if line.promised_at:
            facts.append((say.fact("delivery"), say.day(line.promised_at)))
    if order.planned_start_at:
        facts.append((say.fact("start"), say.moment(order.planned_start_at)))
    if order.planned_end_at:
        facts.append((say.fact("end"), say.moment(order.planned_end_at)))
    return facts


def _operation(one: WorkOrderOperation, order: WorkOrder, say: Wording) -> dict[str, Any]:
    machine = one.planned_machine or one.machine
    minutes = one.setup_min + one.run_min_per_unit * one.pieces_of(order)
    return {
        "sequence": str(one.sequence),
        "name": one.name,
        "place": " · ".join([one.work_centre.name, *([machine.name] if machine else [])]),
        "planned": say.moment(one.planned_start_at) if one.planned_start_at else "",
        "minutes": say.number(minutes, 0),
        "code": codes.qr(operation_code(order, one.sequence)),
    }


def _components(order: WorkOrder, say: Wording) -> list[dict[str, str]]:
    rows = order.materials.select_related("material", "unit").order_by("operation_sequence", "line_no")
    return [
        {
            "operation": str(row.operation_sequence),
            "name": row.material.name,
            "code": row.material.code,
            "quantity": say.quantity(row.quantity, row.unit.code),
            "lot": "",
        }
        for row in rows
    ]
