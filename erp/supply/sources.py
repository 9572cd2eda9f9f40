"""Where supply can come from: free stock, what is ordered and for nobody yet, and suppliers' prices."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, Decimal

from django.db import connection
from django.utils import timezone

from erp.stock.locks import hold_balances, holding
from erp.supply.structure import Structure
from masterdata import statements
from masterdata.numbers import ZERO

_BALANCES = """
    SELECT balance.id, balance.plant_id, balance.material_id, balance.on_hand - balance.reserved
    FROM erp_stockbalance balance
    JOIN masterdata_location location ON location.id = balance.location_id AND location.kind = 'stock'
        AND NOT location.is_blocked
    LEFT JOIN erp_lot lot ON lot.id = balance.lot_id
    WHERE balance.plant_id = ANY(%s) AND balance.material_id = ANY(%s) AND balance.sales_order_id IS NULL
      AND balance.on_hand > balance.reserved AND lot.is_blocked IS NOT TRUE
    ORDER BY lot.expires_on, balance.id
"""
_ORDERED = """
    SELECT line.id, ordered.plant_id, line.material_id, line.quantity - line.received_qty - line.pegged_qty,
           coalesce(line.confirmed_at, line.due_at)
    FROM erp_purchaseorderline line
    JOIN erp_purchaseorder ordered ON ordered.id = line.order_id
    WHERE line.material_id = ANY(%s) AND line.received_qty < line.quantity
      AND line.quantity - line.received_qty > line.pegged_qty
      AND ordered.plant_id = ANY(%s) AND ordered.cancelled_at IS NULL
    ORDER BY line.id
"""
# Held before it is read, planned orders before lines as in a planning run.
_HOLD_SENT = """
    SELECT sent.id FROM erp_plannedorder sent
    WHERE sent.material_id = ANY(%s) AND sent.plant_id = ANY(%s) AND sent.closed_at IS NULL
        AND sent.transfer_line_id IS NOT NULL
    ORDER BY sent.id FOR NO KEY UPDATE OF sent
"""
_SENT = """
    SELECT sent.id, sent.plant_id, sent.material_id,
        sent.quantity - coalesce((SELECT sum(p.quantity - p.received_qty) FROM erp_peg p
            WHERE p.planned_order_id = sent.id), 0), sent.due_at
    FROM erp_plannedorder sent
    WHERE sent.material_id = ANY(%s) AND sent.plant_id = ANY(%s) AND sent.closed_at IS NULL
        AND sent.transfer_line_id IS NOT NULL
    ORDER BY sent.due_at, sent.id
"""
_OPEN_LINES = """
    SELECT line.id FROM erp_purchaseorderline line
    JOIN erp_purchaseorder ordered ON ordered.id = line.order_id
    WHERE line.material_id = ANY(%s) AND line.received_qty < line.quantity AND ordered.plant_id = %s
    ORDER BY line.id FOR NO KEY UPDATE OF line
"""
# A price counts when its unit is the base unit or a conversion is known (the material's own, else the base unit's), on
# the days that it is valid, counted in the plants' time. A fee counts when a BOM in force says what we supply for it.
_PRICES = """
    SELECT price.material_id, price.supplier_id, price.price, price.lead_time_days, price.min_quantity,
           price.max_quantity, partner.is_preferred, price.from_quantity, price.pack_quantity,
           CASE WHEN price.unit_id = material.unit_id THEN 1
                ELSE coalesce(own.base_units_per_unit, general.base_units_per_unit) END, price.is_subcontract
    FROM erp_supplierprice price
    JOIN masterdata_partner partner ON partner.id = price.supplier_id AND partner.is_active AND partner.is_supplier
    JOIN masterdata_material material ON material.id = price.material_id
    LEFT JOIN masterdata_unitconversion own ON own.material_id = price.material_id AND own.unit_id = price.unit_id
    LEFT JOIN masterdata_unitconversion general
        ON general.material_id IS NULL AND general.base_id = material.unit_id AND general.unit_id = price.unit_id
    CROSS JOIN (SELECT max((%s AT TIME ZONE time_zone)::date) AS day FROM masterdata_plant WHERE id = ANY(%s)) today
    WHERE price.material_id = ANY(%s) AND coalesce(price.valid_from, today.day) <= today.day
      AND coalesce(price.valid_until, today.day) >= today.day
      AND (NOT price.is_subcontract OR EXISTS (SELECT 1 FROM masterdata_bom bom
           WHERE bom.material_id = price.material_id AND bom.state = 'frozen'))
    ORDER BY price.id
"""
Key = tuple[int, int]  # plant, material
ONE = Decimal(1)


@dataclass(slots=True)
class FreeStock:
    """What a balance still has for others, while it is being netted."""

    balance_id: int
    quantity: Decimal


@dataclass(slots=True)
class OpenLine:
    """What a purchase order line will bring that is for nobody yet."""

    line_id: int
    quantity: Decimal
    ready_at: dt.datetime


@dataclass(slots=True)
class BesideWork:
    """What open work will bring beside its product that is for nobody yet."""

    work_order_id: int
    quantity: Decimal
    ready_at: dt.datetime


@dataclass(slots=True)
class Sent:
    """What another plant has sent, is on the way and for nobody yet."""

    planned_order_id: int
    quantity: Decimal
    ready_at: dt.datetime


@dataclass(slots=True)
class OwnWork:
    """What a work order of the same sales order has made or will make that is for nothing else of the order."""

    work_order_id: int
    quantity: Decimal


def up_to(units: Decimal, pack: Decimal) -> Decimal:
    """`units` rounded up to whole packs."""
    return (units / pack).to_integral_value(ROUND_CEILING) * pack


def best_offer(offers: Iterable[SupplierOffer], total: Decimal) -> SupplierOffer | None:
    """From whom `total` base units are bought: each supplier with its price for that much, the usual order decides.

    A supplier whose prices all begin higher sells its smallest lot.
    """
    tiers: dict[int, SupplierOffer] = {}
    for one in sorted(offers, key=lambda offer: offer.from_units):
        known = tiers.get(one.supplier_id)
        if known is None or one.from_units <= known.units(total):
            tiers[one.supplier_id] = one
    return min(tiers.values(), key=lambda offer: offer.usual, default=None)


@dataclass(frozen=True, slots=True)
class SupplierOffer:
    """A supplier's price of a material; `base_units` of it are in one purchase unit, in which all quantities are.

    The price holds from `from_units` on; `pack_units` are in a pack. By `is_subcontract` it is a fee: we supply the
    components of the BOM in force.
    """

    supplier_id: int
    price: Decimal
    base_units: Decimal
    lead_time_days: int
    min_units: Decimal
    max_units: Decimal | None
    from_units: Decimal = ZERO
    pack_units: Decimal = ONE
    is_preferred: bool = False
    is_subcontract: bool = False

    @property
    def least(self) -> Decimal:
        """The fewest purchase units that are sold at this price: whole packs."""
        return up_to(max(ONE, self.min_units, self.from_units), self.pack_units)

    def units(self, total: Decimal) -> Decimal:
        """The purchase units to order for `total` base units: whole packs, at least the least."""
        return max(self.least, up_to((total / self.base_units).to_integral_value(ROUND_CEILING), self.pack_units))

    @property
    def usual(self) -> tuple:
        """Preferred suppliers first, then the cheapest base unit, then the fastest."""
        return (not self.is_preferred, self.price / self.base_units, self.lead_time_days, self.supplier_id)

    @property
    def quick(self) -> tuple:
        """The fastest, then as usual."""
        return (self.lead_time_days, *self.usual)

    @property
    def unit_price(self) -> Decimal:
        """Per base unit, to six decimals."""
        return (self.price / self.base_units).quantize(Decimal("0.000001"))


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that netting may take from. `without_conversion` have a price in a unit that nobody can convert.

    `offers` are the prices that netting chooses from, `fastest` those of the supplier who brings it soonest.
    """

    free: dict[Key, list[FreeStock]]
    ordered: dict[Key, list[OpenLine]]
    offers: dict[int, tuple[SupplierOffer, ...]]
    without_conversion: frozenset[int]
    own: dict[Key, list[OwnWork]] = field(default_factory=dict)
    beside: dict[Key, list[BesideWork]] = field(default_factory=dict)
    transit: dict[Key, list[Sent]] = field(default_factory=dict)
    fastest: dict[int, SupplierOffer] = field(default_factory=dict)

    def offer_for(self, material_id: int, total: Decimal) -> SupplierOffer | None:
        """By which price `total` base units of a material are bought; None when nobody sells it."""
        found = self.offers.get(material_id, ())
        return found[0] if len(found) == 1 else best_offer(found, total)

    def copy(self) -> Sources:
        """The same once more: netting uses up what it is given."""
        return replace(
            self,
            free={key: [replace(one) for one in rows] for key, rows in self.free.items()},
            ordered={key: [replace(one) for one in rows] for key, rows in self.ordered.items()},
            own={key: [replace(one) for one in rows] for key, rows in self.own.items()},
            beside={key: [replace(one) for one in rows] for key, rows in self.beside.items()},
            transit={key: [replace(one) for one in rows] for key, rows in self.transit.items()},
        )

    def hurried(self, material_ids: Collection[int], now: dt.datetime) -> Sources:
        """A copy in which these materials are ordered where they come soonest, unless what is on order comes before."""
        found = self.copy()
        quick = {one: self.fastest[one] for one in material_ids if one in self.fastest}
        for (plant_id, material_id), lines in found.ordered.items():
            if material_id in quick:
                comes_at = now + dt.timedelta(days=quick[material_id].lead_time_days)
                found.ordered[plant_id, material_id] = [line for line in lines if line.ready_at <= comes_at]
        only = {
            pk: tuple(one for one in self.offers[pk] if one.supplier_id == offer.supplier_id)
            for pk, offer in quick.items()
        }
        return replace(found, offers={**self.offers, **only})


def hold_sources(*, plant_id: int, material_ids: Collection[int], order_id: int) -> frozenset[int]:
    """Lock all open purchase lines of the materials, then their balances, free and the order's; the ids of the lines.

    For who takes back what is pegged and nets after posting: `read_sources` without lock, but only these lines.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_LINES, [sorted(material_ids), plant_id])
        lines = frozenset(row[0] for row in cursor.fetchall())
    hold_balances(plant_ids=[plant_id], material_ids=material_ids, order_ids=[order_id])
    return lines


def read_sources(
    *,
    plant_ids: Collection[int],
    structure: Structure,
    lock: bool,
    now: dt.datetime | None = None,
) -> Sources:
    """Free stock of all that is below, what is on the way, and of what is bought open purchase lines and the prices
    that hold today (the day of `now`).

    With `lock` what is on the way, the open purchase lines and then the balances are locked, each in id order, until
    the transaction ends: two confirmations never take the same piece.
    """
    material_ids, sent_ids = list(structure.items), structure.sent_ids
    plants, materials, bought = (
        statements.array(sorted(ids)) for ids in (plant_ids, material_ids, structure.bought_ids)
    )
    ordered: dict[Key, list[OpenLine]] = defaultdict(list)
    free: dict[Key, list[FreeStock]] = defaultdict(list)
    on_the_way = [statements.array(sorted(sent_ids)), plants]
    sent: Sequence[tuple] = ()
    if sent_ids and lock:
        statements.run(_HOLD_SENT, on_the_way)
    open_lines, *_, balances, prices = statements.together(
        (_ORDERED + (" FOR NO KEY UPDATE OF line" if lock else ""), [bought, plants]),
        *([holding(plant_ids=plant_ids, material_ids=material_ids)] if lock else []),
        (_BALANCES, [plants, materials]),
        (_PRICES, [now or timezone.now(), plants, bought]),
    )
    if sent_ids:
        sent = statements.run(_SENT, on_the_way)
    for line_id, plant_id, material_id, quantity, ready_at in open_lines:
        ordered[plant_id, material_id].append(OpenLine(line_id, quantity, ready_at))
    for balance_id, plant_id, material_id, quantity in balances:
        free[plant_id, material_id].append(FreeStock(balance_id, quantity))
    transit: dict[Key, list[Sent]] = defaultdict(list)
    for planned_id, plant_id, material_id, quantity, due_at in sent:
        transit[plant_id, material_id].append(Sent(planned_id, quantity, due_at))
    offers, fastest, without = _prices(prices)
    for lines in ordered.values():
        lines.sort(key=lambda line: (line.ready_at, line.line_id))
    return Sources(free, ordered, offers, without, transit=transit, fastest=fastest)


def prices_in_force(
    *, plant_id: int, material_ids: Collection[int], now: dt.datetime
) -> dict[int, tuple[SupplierOffer, ...]]:
    """What suppliers ask for the materials today; one query. Of several choose with `best_offer`."""
    return offers_in_force(plant_id=plant_id, material_ids=material_ids, now=now)[0]


def offers_in_force(
    *, plant_id: int, material_ids: Collection[int], now: dt.datetime
) -> tuple[dict[int, tuple[SupplierOffer, ...]], frozenset[int]]:
    """The same, and the materials whose prices nobody can convert."""
    with connection.cursor() as cursor:
        cursor.execute(_PRICES, [now, [plant_id], sorted(material_ids)])
        offers, _fastest, without = _prices(cursor.fetchall())
    return offers, without


def _prices(
    rows: list[tuple],
) -> tuple[dict[int, tuple[SupplierOffer, ...]], dict[int, SupplierOffer], frozenset[int]]:
    """All that can be converted, and of each material the fastest."""
    found: dict[int, list[SupplierOffer]] = defaultdict(list)
    without: set[int] = set()
    for material_id, supplier_id, price, days, least, most, is_preferred, tier, pack, base_units, is_fee in rows:
        if base_units is None:
            without.add(material_id)
            continue
        found[material_id].append(
            SupplierOffer(supplier_id, price, base_units, days, least or ZERO, most, tier, pack, is_preferred, is_fee)
        )
    fastest = {pk: min(offers, key=lambda one: one.quick) for pk, offers in found.items()}
    return {pk: tuple(offers) for pk, offers in found.items()}, fastest, frozenset(without - found.keys())
