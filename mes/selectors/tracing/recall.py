"""The recall list: whom a lot reached, with how much of what, and what of it is still here."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from erp.models import Lot, StockBalance, WorkOrder
from masterdata.access import scope_of
from masterdata.models import Contact, Material, Partner
from masterdata.numbers import ZERO
from mes.selectors.tracing.ends import End, ends_of, ends_of_moves
from mes.selectors.tracing.pools import perhaps_reached
from mes.selectors.tracing.reach import FORWARD, reached
from mes.selectors.tracing.starting import SEE


@dataclass(frozen=True, slots=True)
class Reached:
    """So much of a lot (none: kept by quantity) left for a customer with a shipment; `back_qty` came back of it."""

    customer: Partner
    contact: str
    email: str
    phone: str
    order_id: int
    order_no: str
    shipment_id: int | None
    shipment_no: str
    shipped_at: dt.datetime
    material: Material
    lot_no: str
    quantity: Decimal
    back_qty: Decimal


@dataclass(frozen=True, slots=True)
class Recall:
    """All that the lots reached: at customers, on hand, in work. `lots` are all of them, also those used up.

    `hidden_count`: shipments and stock in plants that the user may not see. `perhaps`: what is reached only through
    free stock that is kept by quantity, where nobody can tell one piece from the other.
    """

    starts: list[Lot]
    lots: list[Lot]
    shipped: list[Reached]
    on_hand: list[StockBalance]
    in_work: list[WorkOrder]
    hidden_count: int
    perhaps: Recall | None = None

    @property
    def customers(self) -> list[Partner]:
        """Who is to be told, each once."""
        return list({row.customer.pk: row.customer for row in self.shipped}.values())

    @property
    def shipment_count(self) -> int:
        return len({(row.shipment_id, row.order_id) for row in self.shipped})

    @property
    def open_lots(self) -> list[Lot]:
        """Lots on hand that may still be taken."""
        here = {row.lot_id for row in self.on_hand}
        return [lot for lot in self.lots if lot.pk in here and not lot.is_blocked]

    @property
    def blocked_lots(self) -> list[Lot]:
        return [lot for lot in self.lots if lot.is_blocked]


def recall_of(*, lots: Sequence[Lot], user: Any) -> Recall:
    """Everything that these lots reached, in the plants that the user may see."""
    nodes = reached(nodes=[lot.pk for lot in lots], direction=FORWARD)
    besides = perhaps_reached(nodes=nodes, direction=FORWARD)
    certain = _recall(lots, nodes, ends_of(nodes), user)
    more = sorted(besides.nodes)
    ends = [*(ends_of(more) if more else ()), *ends_of_moves(besides.shipments)]
    if not (more or ends):
        return certain
    return replace(certain, perhaps=_recall([], more, ends, user))


def _recall(lots: Sequence[Lot], nodes: Sequence[int], every: Sequence[End], user: Any) -> Recall:
    plants = scope_of(user, SEE).plants
    lot_ids = [node for node in nodes if node > 0]
    ends = [end for end in every if end.kind in ("shipped", "came_back")]
    balances = StockBalance.objects.filter(lot__in=lot_ids, on_hand__gt=0).select_related(
        "material__unit", "plant", "location", "lot", "sales_order"
    )
    here = list(balances.order_by("material__code", "lot__number", "pk"))
    orders = WorkOrder.objects.filter(
        pk__in=[-node for node in nodes if node < 0], operations__is_last=True, operations__finished_at=None
    ).exclude(state="cancelled")
    work = list(orders.select_related("material", "plant").order_by("pk"))
    seen = [end for end in ends if end.plant_id in plants]
    places = [*(row.plant_id for row in here), *(row.plant_id for row in work), *(end.plant_id for end in ends)]
    hidden = sum(1 for plant_id in places if plant_id not in plants)
    family = list(Lot.objects.filter(pk__in=lot_ids).select_related("material__unit").order_by("pk"))
    return Recall(
        starts=list(lots),
        lots=family,
        shipped=_shipped(seen, {lot.pk: lot for lot in family}),
        on_hand=[row for row in here if row.plant_id in plants],
        in_work=[row for row in work if row.plant_id in plants],
        hidden_count=hidden,
    )


def _shipped(ends: Sequence[End], lots: dict[int, Lot]) -> list[Reached]:
    back = _came_back(ends)
    gone = [end for end in ends if end.kind == "shipped" and end.customer_id is not None]
    partners = Partner.objects.in_bulk({end.customer_id for end in gone})
    materials = Material.objects.select_related("unit").in_bulk({end.material_id for end in gone})
    contacts = _contacts(partners)
    sums: dict[tuple[Any, ...], list[Any]] = {}
    for end in gone:
        key = (end.customer_id, end.order_id, end.shipment_id, end.order_line_id, end.of)
        if key in sums:
            sums[key][1] += end.quantity
        else:
            sums[key] = [end, end.quantity]
    found = []
    for end, quantity in sums.values():
        partner = partners[end.customer_id]
        person = contacts.get(partner.pk)
        came = min(quantity, back.get((end.of, end.order_line_id), ZERO))
        back[end.of, end.order_line_id] = back.get((end.of, end.order_line_id), ZERO) - came
        found.append(
            Reached(
                customer=partner,
                contact=person.name if person else "",
                email=(person.email if person else "") or partner.email,
                phone=(person.phone if person else "") or partner.phone,
                order_id=end.order_id,
                order_no=end.order_no,
                shipment_id=end.shipment_id,
                shipment_no=end.shipment_no or "",
                shipped_at=end.at,
                material=materials[end.material_id],
                lot_no=lots[end.of].number if end.of > 0 else "",
                quantity=quantity,
                back_qty=came,
            )
        )
    return sorted(found, key=lambda row: (row.customer.name, row.shipped_at, row.lot_no))


def _came_back(ends: Iterable[End]) -> dict[tuple[int, int | None], Decimal]:
    found: dict[tuple[int, int | None], Decimal] = defaultdict(lambda: ZERO)
    for end in ends:
        if end.kind == "came_back":
            found[end.of, end.order_line_id] += end.quantity
    return dict(found)


def _contacts(partner_ids: Collection[int]) -> dict[int, Contact]:
    """The first person of each."""
    found: dict[int, Contact] = {}
    for row in Contact.objects.filter(partner__in=list(partner_ids)).order_by("partner", "pk"):
        found.setdefault(row.partner_id, row)
    return found
