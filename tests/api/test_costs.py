"""Rates, overheads, costs of orders and standard costs over REST: once by a key, by right, of one's own company."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from erp.models import CostBooking, HourRate, StandardVersion
from masterdata.models import Company
from tests.api.conftest import Caller, house, make_caller
from tests.erp.standards.test_roll_up import furniture
from tests.erp.workbench import order_line
from tests.factories import Factory

pytestmark = pytest.mark.django_db

D = Decimal


@pytest.fixture
def shop() -> Factory:
    """The table of three levels: its standard cost is 26.21, as test_roll_up works out."""
    return furniture()


@pytest.fixture
def accountant(shop: Factory) -> Caller:
    return make_caller(shop.company, "accountant")


def answered(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_a_rate_ends_the_one_before_and_the_same_key_sets_it_once(shop: Factory, accountant: Caller) -> None:
    """66.00 from 1 December, 69.00 from 1 January: the first one ends on 31 December. A repeated key adds nothing."""
    body = {"kind": "machine", "work_centre": shop.centres["SAW"].pk, "per_hour": "66.00", "valid_from": "2026-12-01"}
    first = answered(accountant.post("erp/hour-rates/", body, key="one"), 201)
    again = answered(accountant.post("erp/hour-rates/", body, key="one"), 201)
    assert again["id"] == first["id"]
    answered(accountant.post("erp/hour-rates/", body | {"per_hour": "69.00", "valid_from": "2027-01-01"}), 201)
    ends = HourRate.objects.order_by("valid_from").values_list("per_hour", "valid_until")
    assert [(rate, str(until)) for rate, until in ends] == [(D(66), "2026-12-31"), (D(69), "None")]
    found = answered(accountant.get("erp/hour-rates/", work_centre=shop.centres["SAW"].pk), 200)
    assert {row["per_hour"] for row in found["results"]} == {"66.000000", "69.000000"}


@pytest.mark.parametrize(
    ("change", "status"),
    [({"per_hour": "-1"}, 400), ({"kind": "coffee"}, 400), ({"work_centre": 999_999}, 400), ({"valid_from": ""}, 400)],
)
def test_a_rate_that_cannot_be_is_refused_at_its_field(
    shop: Factory, accountant: Caller, change: dict[str, Any], status: int
) -> None:
    body = {"kind": "machine", "work_centre": shop.centres["SAW"].pk, "per_hour": "66", "valid_from": "2026-12-01"}
    answer = answered(accountant.post("erp/hour-rates/", body | change), status)
    assert next(iter(change)) in str(answer)
    assert not HourRate.objects.exists()


def test_who_only_looks_sets_no_rate_and_nobody_sets_one_elsewhere(shop: Factory) -> None:
    """The auditor reads and may not set; the accountant of another company finds no such work centre."""
    body = {"kind": "machine", "work_centre": shop.centres["SAW"].pk, "per_hour": "66", "valid_from": "2026-12-01"}
    auditor = make_caller(shop.company, "auditor")
    assert auditor.get("erp/hour-rates/").status_code == 200
    assert auditor.post("erp/hour-rates/", body).status_code == 403
    theirs = house("THEIR", shop.company.currency, shop.day_shift).company
    assert make_caller(theirs, "accountant").post("erp/hour-rates/", body).status_code == 400
    assert not HourRate.objects.exists()


def test_a_cost_goes_on_an_order_once_and_is_undone_once(shop: Factory, accountant: Caller) -> None:
    """Freight 35.00, repeated by its key: one booking. Undone: -35.00, together nothing; a second time is refused."""
    order = order_line(shop, "TABLE", "1").order
    body = {
        "sales_order": order.pk, "plant": shop.plant.pk, "element": "freight", "amount": "35.00", "text": "Carrier",
        "posted_on": "2026-11-20",
    }  # fmt: skip
    booked = answered(accountant.post("erp/order-costs/", body, key="freight"), 201)
    assert answered(accountant.post("erp/order-costs/", body, key="freight"), 201)["id"] == booked["id"]
    assert CostBooking.objects.count() == 1
    other = accountant.post("erp/order-costs/", body | {"amount": "36.00"}, key="freight")
    assert (other.status_code, CostBooking.objects.count()) == (422, 1)
    theirs: Company = house("THEIR", shop.company.currency, shop.day_shift).company
    stranger = make_caller(theirs, "accountant")
    assert stranger.get(f"erp/order-costs/{booked['id']}/").status_code == 404
    assert stranger.post(f"erp/order-costs/{booked['id']}/undo/", {"text": "Mine"}).status_code == 404


def test_standards_are_assumed_and_released_as_they_were_seen(shop: Factory, accountant: Caller) -> None:
    """A bar at 3.00 instead of 2.00: what was read before is stale then (412), and nothing is released by it."""
    body = {"plant": shop.plant.pk, "name": "2027", "valid_from": "2026-11-01", "lot_qty": "10"}
    drafted = answered(accountant.post("erp/standard-versions/", body), 201)
    address = f"erp/standard-versions/{drafted['id']}"
    costs = answered(accountant.get("erp/standard-costs/", version=drafted["id"]), 200)["results"]
    table = shop.materials["TABLE"].pk
    assert [row["total"] for row in costs if row["material"] == table] == ["26.210000"]
    seen = accountant.get(f"{address}/")["ETag"]
    bar = {"kind": "price", "material": shop.materials["BAR"].pk, "value": "3.00"}
    answered(accountant.post(f"{address}/assume/", bar, If_Match=seen), 200)
    assert accountant.post(f"{address}/release/", {}, If_Match=seen).status_code == 412
    assert StandardVersion.objects.get().state == "draft"
    released = answered(accountant.post(f"{address}/release/", {}, If_Match=accountant.get(f"{address}/")["ETag"]), 200)
    assert released["state"] == "released"
    assert accountant.post(f"{address}/roll-up/", {}).status_code == 409
