"""The loop through the front door: each deed by a key of the role that does it. Figures worked by hand."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from erp.models import WorkOrderOperation
from masterdata.models import Employee, Machine
from tests.api.conftest import Caller, make_caller
from tests.flows import workshop


@dataclass
class Shop:
    """The workshop of the flow tests, and callers in its company by role."""

    shop: workshop.Workshop
    callers: dict[str, Caller]

    def by(self, role: str) -> Caller:
        if role not in self.callers:
            self.callers[role] = make_caller(self.shop.company, role)
        return self.callers[role]

    def line(self, code: str, quantity: str, price: str) -> dict[str, Any]:
        wanted_on = timezone.localdate() + dt.timedelta(days=20)
        return {
            "plant": self.shop.plant.pk,
            "material": self.shop.materials[code].pk,
            "quantity": quantity,
            "unit_price": price,
            "wanted_on": wanted_on.isoformat(),
        }


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop(workshop.build(), {})


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def make(shop: Shop, operation: WorkOrderOperation, machine: Machine, good: str) -> Any:
    """Start and finish an operation at the tablet; the same finish again is answered again."""
    operator = shop.by("operator")
    address = f"mes/operations/{operation.pk}"
    at = timezone.now() - dt.timedelta(seconds=10)
    event = {"machine": machine.pk, "operator": Employee.objects.get().pk, "happened_at": at.isoformat()}
    done(operator.post(f"{address}/start/", event | {"event_id": str(uuid.uuid4())}, key=""))
    finish = event | {"event_id": str(uuid.uuid4()), "good_qty": good}
    first = done(operator.post(f"{address}/finish/", finish, key=""))
    assert done(operator.post(f"{address}/finish/", finish, key="")) == first
    reused = operator.post(f"{address}/finish/", finish | {"good_qty": "1"}, key="")
    assert (reused.status_code, reused.json()["code"]) == (422, "reused_event_id")
    return first


def test_from_quotation_to_payment(shop: Shop) -> None:
    """2 stools at 100.00: 6 legs are bought at 3.00 (18.00); net 200.00, tax 19 % 38.00, gross 238.00.

    Labour depends on the seconds worked here, so cost is only bounded from below by the legs.
    """
    sales, accountant, warehouse = shop.by("sales"), shop.by("accountant"), shop.by("warehouse")
    body = {"customer": shop.shop.customer.pk, "lines": [shop.line("STOOL", "2", "100.00")]}
    quotation = done(sales.post("crm/quotations/", body), 201)
    accepted = done(sales.post(f"crm/quotations/{quotation['id']}/accept/", If_Match=f'"{quotation["version"]}"'))
    order = done(sales.get(f"erp/sales-orders/{accepted['order']}/"))
    assert (order["net_amount"], order["lines"][0]["quantity"]) == ("200.0000", "2.000000")
    assert order["confirmed_at"] is not None
    again = sales.post(f"erp/sales-orders/{order['id']}/confirm/")
    assert (again.status_code, again.json()["code"]) == (409, "already_confirmed")

    purchase = done(shop.by("buyer").get("erp/purchase-orders/"))["results"][0]
    assert [line["quantity"] for line in purchase["lines"]] == ["6.000000"]
    receipt = done(warehouse.post(f"erp/purchase-orders/{purchase['id']}/receive/", {"delivery_note": "D1"}), 201)
    assert "value" not in receipt["lines"][0]

    operation = WorkOrderOperation.objects.get()
    assert make(shop, operation, shop.shop.machines["ASM-01"], "2")["state"] == "finished"

    shipment = done(warehouse.post(f"erp/sales-orders/{order['id']}/pack/", {}), 201)
    assert done(warehouse.post(f"erp/shipments/{shipment['id']}/ship/"))["shipped_at"] is not None
    invoice = done(accountant.post(f"erp/sales-orders/{order['id']}/invoice/", {}), 201)
    assert (invoice["net_amount"], invoice["tax_amount"], invoice["gross_amount"]) == (
        "200.0000",
        "38.0000",
        "238.0000",
    )
    today = timezone.localdate().isoformat()
    much = accountant.post(f"erp/invoices/{invoice['id']}/payments/", {"amount": "238.01", "received_on": today})
    assert much.status_code == 409
    done(accountant.post(f"erp/invoices/{invoice['id']}/payments/", {"amount": "238.00", "received_on": today}), 201)
    assert done(accountant.get(f"erp/invoices/{invoice['id']}/"))["open_amount"] == "0.0000"
    assert done(sales.get(f"erp/sales-orders/{order['id']}/"))["status"]["station"] == "paid"
    cost = done(accountant.get(f"erp/sales-orders/{order['id']}/cost/"))
    assert (cost["incurred"]["material"], cost["revenue"]) == ("18.0000", "200.0000")
    assert warehouse.get(f"erp/sales-orders/{order['id']}/cost/").status_code == 403


def test_same_accept_again_makes_one_order(shop: Shop) -> None:
    sales = shop.by("sales")
    body = {"customer": shop.shop.customer.pk, "lines": [shop.line("STOOL", "1", "100.00")]}
    quotation = done(sales.post("crm/quotations/", body), 201)
    first = sales.post(f"crm/quotations/{quotation['id']}/accept/", key="accept-1")
    second = sales.post(f"crm/quotations/{quotation['id']}/accept/", key="accept-1")
    assert first.json() == second.json()
    assert done(sales.get("erp/sales-orders/"))["count"] == 1


def test_accept_of_an_older_version_is_412(shop: Shop) -> None:
    sales = shop.by("sales")
    body = {"customer": shop.shop.customer.pk, "lines": [shop.line("STOOL", "1", "100.00")]}
    quotation = done(sales.post("crm/quotations/", body), 201)
    address = f"crm/quotations/{quotation['id']}/"
    change = {"lines": [shop.line("STOOL", "3", "90.00")]}
    changed = done(sales.patch(address, change, If_Match=f'"{quotation["version"]}"'))
    assert changed["lines"][0]["net_amount"] == "270.0000"
    stale = sales.post(f"{address}accept/", If_Match=f'"{quotation["version"]}"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")


def test_field_of_a_line_is_named_by_its_place(shop: Shop) -> None:
    line = shop.line("STOOL", "1.5", "100.00")
    answer = shop.by("sales").post("erp/sales-orders/", {"customer": shop.shop.customer.pk, "lines": [line]})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "lines.0.quantity")
    line["colour"] = "red"
    answer = shop.by("sales").post("erp/sales-orders/", {"customer": shop.shop.customer.pk, "lines": [line]})
    assert answer.json()["errors"][0] == {
        "field": "lines.0.colour",
        "code": "unknown_field",
        "detail": "There is no such field.",
    }


def test_machine_says_it_is_down_and_the_shift_lead_acknowledges(shop: Shop) -> None:
    gateway, lead = shop.by("integration"), shop.by("shift_lead")
    at = timezone.now().isoformat()
    event = {"id": "m-1", "machine": "SAW-01", "state": "fault", "time": at, "code": "E42"}
    done(gateway.post("mes/machine-events/", event, key=""), 201)
    done(gateway.post("mes/machine-events/", event, key=""), 200)
    reused = gateway.post("mes/machine-events/", event | {"state": "idle"}, key="")
    assert (reused.status_code, reused.json()["code"]) == (422, "reused_event_id")
    alarms = done(lead.get("mes/alarms/", state="raised"))["results"]
    assert [(alarm["code"], alarm["count"]) for alarm in alarms] == [("E42", 1)]
    seen = done(lead.post(f"mes/alarms/{alarms[0]['id']}/acknowledge/"))
    assert (seen["state"], seen["acknowledged_by"]) == ("acknowledged", lead.user.pk)
    assert shop.by("operator").post(f"mes/alarms/{alarms[0]['id']}/acknowledge/").status_code == 403


def test_machine_of_another_company_is_as_unknown_as_none(shop: Shop) -> None:
    from tests.api.conftest import house

    theirs = house("THEIR", shop.shop.company.currency, shop.shop.plant.calendar)
    gateway = shop.by("integration")
    event = {"id": "m-1", "state": "fault", "time": timezone.now().isoformat()}
    foreign = gateway.post("mes/machine-events/", event | {"machine": theirs.machine.code}, key="")
    missing = gateway.post("mes/machine-events/", event | {"machine": "NO-SUCH"}, key="")
    assert foreign.status_code == missing.status_code == 400
    assert foreign.content.replace(theirs.machine.code.encode(), b"#") == missing.content.replace(b"NO-SUCH", b"#")


def test_machine_down_and_up_by_hand(shop: Shop) -> None:
    operator, machine = shop.by("operator"), shop.shop.machines["SAW-01"]
    since, until = timezone.now() - dt.timedelta(minutes=5), timezone.now()
    down = operator.post(f"mes/machines/{machine.pk}/report-down/", {"since_at": since.isoformat()})
    assert done(down, 201)["until_at"] is None
    up = operator.post(f"mes/machines/{machine.pk}/report-up/", {"until_at": until.isoformat()})
    assert done(up)["until_at"] is not None


def test_offer_shows_cost_only_to_those_who_may_see_it(shop: Shop) -> None:
    question = {name: value for name, value in shop.line("STOOL", "2", "0").items() if name != "unit_price"}
    for_sales = done(shop.by("sales").post("aps/offers/", question, key=""))
    assert [option["key"] for option in for_sales["options"]] == ["A", "C"]
    assert (for_sales["price"], for_sales["material_cost"]) == ("200.00", "12.00")
    blind = make_caller(shop.shop.company, "sales", scopes=["aps.ask_offer", "masterdata.view"])
    hidden = done(blind.post("aps/offers/", question, key=""))
    assert hidden.keys() & {"cost", "margin", "material_cost"} == set()
    assert hidden["options"][0].keys() & {"cost", "extra_cost", "margin_percent", "offer_key"} == set()


def rush(shop: Shop) -> Any:
    body = {name: value for name, value in shop.line("STOOL", "1", "0").items() if name != "unit_price"}
    return done(shop.by("sales").post("crm/rush-requests/", body | {"customer": shop.shop.customer.pk}), 201)


def test_rush_option_is_taken_once(shop: Shop) -> None:
    shop.shop.quantity("LEG", 30)
    sales = shop.by("sales")
    asked = rush(shop)
    option = next(one for one in asked["options"] if one["is_possible"])
    order = done(sales.post(f"crm/rush-options/{option['id']}/accept/", key="take"))
    assert order["is_rush"] is True
    assert done(sales.post(f"crm/rush-options/{option['id']}/accept/", key="take"))["id"] == order["id"]
    assert done(sales.get(f"crm/rush-requests/{asked['id']}/"))["order"] == order["id"]


def test_rush_option_of_an_older_plan_is_answered_again(shop: Shop) -> None:
    """Two requests from one input version: the first is taken, the second option is stale and its request has a new
    answer (number 2), although the answer was a refusal."""
    shop.shop.quantity("LEG", 30)
    sales = shop.by("sales")
    first, second = rush(shop), rush(shop)
    done(sales.post(f"crm/rush-options/{first['options'][0]['id']}/accept/"))
    answer = sales.post(f"crm/rush-options/{second['options'][0]['id']}/accept/")
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_offer")
    now = done(sales.get(f"crm/rush-requests/{second['id']}/"))
    assert (now["answer_no"], now["order"]) == (2, None)


def test_bom_is_drafted_frozen_and_never_circular(shop: Shop) -> None:
    planner, parts = shop.by("planner"), shop.shop.materials
    body = {"material": parts["TOP"].pk, "lines": [{"component": parts["TABLE"].pk, "quantity": "1"}]}
    draft = done(planner.post("masterdata/boms/", body), 201)
    answer = planner.post(f"masterdata/boms/{draft['id']}/freeze/")
    assert (answer.status_code, answer.json()["code"]) == (409, "bom_circle")
    body["lines"][0] = {"component": parts["BOARD"].pk, "quantity": "3"}
    assert done(planner.post("masterdata/boms/", body), 201)["id"] == draft["id"]
    assert done(planner.post(f"masterdata/boms/{draft['id']}/freeze/"))["state"] == "frozen"


def test_routing_is_drafted_and_frozen(shop: Shop) -> None:
    planner, saw = shop.by("planner"), shop.shop.machines["SAW-01"].work_centre
    operation = {"sequence": 10, "name": "Saw", "work_centre": saw.pk, "run_min_per_unit": "4"}
    body = {"material": shop.shop.materials["TOP"].pk, "plant": shop.shop.plant.pk, "operations": [operation]}
    draft = done(planner.post("masterdata/routings/", body), 201)
    assert (draft["version_no"], draft["state"]) == (2, "draft")
    assert done(planner.post(f"masterdata/routings/{draft['id']}/freeze/"))["state"] == "frozen"


@pytest.mark.parametrize(
    "address",
    [
        "aps/plans/",
        "aps/planned-operations/",
        "aps/plan-runs/",
        "mes/dispatches/",
        "mes/machine-states/",
        "erp/periods/",
    ],
)
def test_lists_answer_whoever_sees_everything(shop: Shop, address: str) -> None:
    assert done(shop.by("auditor").get(address)).keys() == {"count", "next", "previous", "results"}


def test_board_of_a_plant(shop: Shop) -> None:
    assert "machines" in done(shop.by("planner").get(f"aps/plants/{shop.shop.plant.pk}/board/"))


def test_planner_wants_a_plan_and_says_why(shop: Shop) -> None:
    plant = shop.shop.plant.pk
    wanted = done(shop.by("planner").post(f"aps/plants/{plant}/want-plan/", {"text": "Overtime was agreed"}))
    assert wanted["wanted_version"] == 1
