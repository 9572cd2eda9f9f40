"""A busy workshop, quotations of it, and one click that schedules them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.test import override_settings
from django.utils import timezone

from aps.models import PlannedOperation
from crm import services as crm
from crm.models import Quotation
from erp import services as erp
from erp.models import SalesOrder
from suite import audit
from suite.deeds import schedule_quotation
from suite.deeds.schedule_quotation import Scheduled
from tests.crm.desk import settle
from tests.flows import workshop
from tests.flows.workshop import Workshop

D = Decimal


@pytest.fixture
def by_itself() -> Iterator[None]:
    """No broker: what is asked is answered in this process."""
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0", THROUGHLINE_SOLVE_MOVES=200):
        yield


def busy_shop() -> Workshop:
    """Legs for many stools; 6 stools of another order are planned on the one assembly machine."""
    shop = workshop.build()
    shop.quantity("LEG", 100)
    busy = erp.create_order(
        company=shop.company,
        customer=shop.other_customer,
        currency=shop.company.currency,
        lines=[line(shop, erp.OrderLineInput, "6")],
        now=timezone.now(),
    )
    erp.confirm_order(order_id=busy.pk, now=timezone.now())
    settle(shop)
    return shop


def line(shop: Workshop, kind: type, quantity: str, code: str = "STOOL") -> object:
    given = {
        "plant_id": shop.plant.pk,
        "material_id": shop.materials[code].pk,
        "quantity": D(quantity),
        "wanted_on": timezone.now().date() + dt.timedelta(days=30),
    }
    return kind(**given, unit_price=D(100))


def quoted(shop: Workshop, *quantities: str, code: str = "STOOL") -> Quotation:
    lines = [line(shop, crm.QuotationLineInput, one, code) for one in quantities]
    return crm.write_quotation(customer_id=shop.customer.pk, lines=lines, now=timezone.now())  # type: ignore[arg-type]


def click(quotation: Quotation) -> Scheduled:
    return schedule_quotation.schedule_quotation(quotation_id=quotation.pk, now=timezone.now())


def own(order: SalesOrder) -> list[PlannedOperation]:
    rows = PlannedOperation.objects.filter(operation__work_order__sales_order_line__order=order)
    return list(rows.order_by("starts_at"))


def places(but: SalesOrder) -> list[tuple[object, ...]]:
    rows = PlannedOperation.objects.exclude(operation__work_order__sales_order_line__order=but)
    return list(rows.order_by("operation_id").values_list("operation_id", "machine_id", "starts_at", "ends_at"))


def faults() -> list[str]:
    return [finding.invariant.name for finding in audit.findings() if not finding.holds]
