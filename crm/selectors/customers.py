"""What we have with a customer: open orders, quotations, and how our promises were kept."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    DecimalField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from crm.models import Promise, Quotation
from crm.selectors.kept import delivered_lines
from crm.selectors.quotations import visible_quotations
from erp import selectors as erp_now
from erp.models import SalesOrder, SalesOrderLine
from masterdata.lateness import late_when
from masterdata.models import Partner
from masterdata.numbers import ZERO
from masterdata.rights import scope_of, visible_to

_MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=20, decimal_places=4)
_OPEN = Q(shipped_qty__lt=F("quantity"), order__confirmed_at__isnull=False, order__cancelled_at=None)


@dataclass(frozen=True, slots=True)
class PromisesKept:
    """Of the lines delivered: how many by the day first promised (else wanted), and how many promises moved."""

    kept: int
    shipped: int
    moved: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.kept / self.shipped) if self.shipped else None


def visible_customers(user: Any) -> QuerySet[Partner]:
    """Customers with `open_orders`, `open_amount`, `late_orders` and `open_quotations`, each in the user's reach."""
    lines = visible_to(user, SalesOrderLine.objects.filter(_OPEN, order__customer=OuterRef("pk")))
    late = lines.filter(late_when())
    quotations = visible_to(user, Quotation.objects.filter(state=Quotation.State.DRAFT, customer=OuterRef("pk")))
    return visible_to(user, Partner.objects.filter(is_customer=True)).annotate(
        open_orders=_count(lines, "order__customer", "order_id"),
        late_orders=_count(late, "order__customer", "order_id"),
        open_quotations=_count(quotations, "customer", "pk"),
        open_amount=Coalesce(
            Subquery(lines.order_by().values("order__customer").annotate(n=Sum("net_amount")).values("n")),
            Value(ZERO),
            output_field=_MONEY,
        ),
    )


def _count(rows: QuerySet[Any], by: str, what: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(n=Count(what, distinct=True)).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def open_orders(user: Any, customer_id: int) -> QuerySet[SalesOrder]:
    """The customer's orders that are not shipped completely, drafts included; what is expected first comes first."""
    waiting = SalesOrderLine.objects.filter(order=OuterRef("pk"), shipped_qty__lt=F("quantity"))
    orders = erp_now.visible_orders(user).filter(Exists(waiting), customer=customer_id, cancelled_at=None)
    return orders.order_by(F("expected_at").asc(nulls_last=True), "pk")


def quotations_of(user: Any, customer_id: int) -> QuerySet[Quotation]:
    """The customer's quotations, the newest first."""
    return visible_quotations(user).filter(customer=customer_id).order_by("-pk")


def promises_kept(user: Any, customer_id: int) -> PromisesKept:
    """Of the customer's lines in the user's plants. Two queries."""
    lines = delivered_lines(plant_ids=scope_of(user).plants, customer_id=customer_id)
    moved = visible_to(user, Promise.objects.filter(order_line__order__customer=customer_id, version_no__gt=1)).count()
    return PromisesKept(sum(line.is_kept for line in lines), len(lines), moved)
