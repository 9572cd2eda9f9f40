"""A running balance of stock: the moves of an account (material, plants, places, lots), what was there after each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Case, F, Q, QuerySet, Sum, Value, When, Window

from erp.stock.models import StockBalance, StockMove
from erp.stockroom.selectors import KEEPS_STOCK, NUMBER
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Account:
    """Whose balance runs. `locations`, `lots`: only these; None: all of the plants."""

    material_id: int
    plant_ids: Sequence[int]
    locations: Sequence[int] | None = None
    lots: Sequence[int] | None = None

    @property
    def arrives(self) -> Q:
        """The move ends in the account."""
        found = Q(target__kind__in=KEEPS_STOCK)
        if self.locations is not None:
            found &= Q(target__in=self.locations)
        if self.lots is not None:
            found &= Q(target_lot__in=self.lots) | Q(target_lot=None, lot__in=self.lots)
        return found

    @property
    def leaves(self) -> Q:
        """The move begins in the account."""
        found = Q(source__kind__in=KEEPS_STOCK)
        if self.locations is not None:
            found &= Q(source__in=self.locations)
        if self.lots is not None:
            found &= Q(lot__in=self.lots)
        return found


def moves_of(account: Account) -> QuerySet[StockMove]:
    """Moves that touch the account, with what each brought (`came`) and took (`went`), in base units."""
    rows = StockMove.objects.filter(material=account.material_id, plant__in=account.plant_ids)
    rows = rows.filter(account.arrives | account.leaves)
    return rows.annotate(came=_quantity_when(account.arrives), went=_quantity_when(account.leaves))


def balances_after(account: Account, move_ids: Collection[int]) -> dict[int, Decimal]:
    """How much the account held after each of these moves, in the order in which they moved."""
    if not move_ids:
        return {}
    running = Window(Sum(F("came") - F("went")), order_by=[F("moved_at").asc(), F("pk").asc()])
    rows = moves_of(account).order_by().annotate(balance=running).values_list("pk", "balance")
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        wrapped = f"SELECT * FROM ({sql}) AS run(id, balance) WHERE id = ANY(%s)"  # noqa: S608 - the ORM's own SQL
        cursor.execute(wrapped, [*params, list(move_ids)])
        return dict(cursor.fetchall())


def balance_of(account: Account) -> Decimal:
    """What the account holds now, from the balances."""
    rows = StockBalance.objects.filter(material=account.material_id, plant__in=account.plant_ids)
    if account.locations is not None:
        rows = rows.filter(location__in=account.locations)
    if account.lots is not None:
        rows = rows.filter(lot__in=account.lots)
    return rows.aggregate(total=Sum("on_hand"))["total"] or ZERO


def _quantity_when(condition: Q) -> Case:
    return Case(When(condition, then=F("quantity")), default=Value(ZERO), output_field=NUMBER)
