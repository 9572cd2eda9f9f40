"""Pages of the house: control tower, failed flows, proof, people; and that the navigation leads somewhere."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import PromiseOutlook
from erp import services as erp
from erp.models import SalesOrder, SalesOrderLine
from masterdata.models import FactRecord, FlowRun, Machine, Membership, Plant, User
from mes import services as mes
from suite.flows import table
from suite.roles import ROLES
from suite.shell.navigation import TABLE
from suite.tower import promises
from tests.erp.shop import NOW, Shop
from tests.pages.conftest import person
from tests.pages.counting import assert_query_count

DAY = dt.timedelta(days=1)


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def become(client: Client, role: str, plant: Plant) -> User:
    user = person(f"{role}-{plant.code}", role, plant)
    client.force_login(user)
    return user


@pytest.fixture
def order(shop: Shop) -> SalesOrder:
    return shop.order((shop.make("TABLE"), "5", "100"))


def expect(order: SalesOrder, late: dt.timedelta) -> None:
    """Promise the order for NOW + 5 days, expect it so much later."""
    SalesOrderLine.objects.filter(order=order).update(promised_at=NOW + 5 * DAY, expected_at=NOW + 5 * DAY + late)


def test_every_place_of_the_navigation_leads_somewhere_for_some_role(client: Client, shop: Shop) -> None:
    items = [item for _label, items in TABLE for item in items]
    for item in items:
        role = next(
            (role for role, deeds in ROLES.items() if item.permission in deeds or item.permission == "signed-in"), None
        )
        assert role is not None, f"{item.url_name}: nobody may open it"
    for role in ("auditor", "admin", "operator"):
        become(client, role, shop.plant)
        for item in items:
            if item.permission in ROLES[role] and item.url_name != "mes:tablet":
                assert client.get(reverse(item.url_name), follow=True).status_code == 200, item.url_name


def test_planned_orders_are_found_under_purchase_orders_and_not_under_start(client: Client, shop: Shop) -> None:
    become(client, "buyer", shop.plant)
    page = client.get(reverse("erp:planned_orders")).content.decode()
    lit = re.findall(r'<a href="([^"]+)"[^>]* aria-current="page"', page.split("</nav>")[0])
    assert lit == [reverse("erp:purchase_orders")]


def test_the_tower_answers_in_one_sentence(client: Client, shop: Shop, order: SalesOrder) -> None:
    expect(order, 2 * DAY)
    become(client, "auditor", shop.plant)
    page = client.get(reverse("suite:control_tower")).content.decode()
    assert "Not quite." in page
    assert "1 order late" in page
    assert order.number in page
    assert "2 days late" in page


def test_an_order_with_time_to_spare_is_no_risk(client: Client, shop: Shop, order: SalesOrder) -> None:
    expect(order, -2 * DAY)
    become(client, "auditor", shop.plant)
    page = client.get(reverse("suite:control_tower")).content.decode()
    assert "0 orders late" in page
    assert "No order is late or at risk" in page


@pytest.mark.parametrize(
    ("spare", "sure", "said"),
    [(3, 84, "84 % sure"), (3, 85, ""), (3, None, ""), (0, None, "less than a day"), (0, 99, "")],
)
def test_in_time_but_under_85_percent_sure_is_at_risk(
    client: Client, shop: Shop, order: SalesOrder, spare: int, sure: int | None, said: str
) -> None:
    """Where too little was observed to say how sure it is, less than a day to spare is at risk."""
    expect(order, -spare * DAY)
    PromiseOutlook.objects.create(order_line=order.lines.get(), plan_no=1, sure_percent=sure, seen_at=NOW)
    become(client, "auditor", shop.plant)
    page = client.get(reverse("suite:control_tower")).content.decode()
    assert f"{int(bool(said))} at risk" in page
    assert ("No order is late or at risk" in page) is not bool(said)
    assert said in page


def test_a_stopped_machine_is_the_cause_and_leads_to_it(client: Client, shop: Shop, order: SalesOrder) -> None:
    expect(order, DAY)
    machine = Machine.objects.get()
    order.lines.get().work_orders.get().operations.update(planned_machine=machine)
    mes.report_machine_down(machine_id=machine.pk, since_at=NOW, now=NOW)
    become(client, "auditor", shop.plant)
    page = client.get(reverse("suite:control_tower")).content.decode()
    assert "SAW-1 stopped" in page
    assert "of them waits for" in page


def test_promises_kept_counts_lines_by_the_day_in_the_plant(shop: Shop) -> None:
    """Two lines leave on 2 March and arrive two hours later; one was promised for that day, one for the day before."""
    table = shop.buy("TABLE")
    shop.stock(table, "2")
    for promised in (NOW, NOW - DAY):
        order = shop.order((table, "1"))
        erp.set_promise(line_id=order.lines.get().pk, promised_at=promised)
        shipment = erp.pack_shipment(order_id=order.pk, lines=None, now=NOW)
        erp.ship(shipment_id=shipment.pk, now=NOW)
    kept = promises.reliability([shop.plant.pk], NOW + DAY)
    assert (kept.kept, kept.all, kept.percent) == (1, 2, Decimal(50))
    assert promises.reliability([], NOW).percent is None


def test_a_customers_page_counts_promises_as_the_tower_does(client: Client, shop: Shop) -> None:
    """One line delivered on the day promised, one without any promise by the day wanted: 2 of 2 in both places."""
    table = shop.buy("TABLE")
    shop.stock(table, "2")
    for promised in (NOW, None):
        order = shop.order((table, "1"))
        if promised is not None:
            erp.set_promise(line_id=order.lines.get().pk, promised_at=promised)
        shipment = erp.pack_shipment(order_id=order.pk, lines=None, now=NOW)
        erp.ship(shipment_id=shipment.pk, now=NOW)
    kept = promises.reliability([shop.plant.pk], NOW + DAY)
    become(client, "sales", shop.plant)
    page = client.get(reverse("crm:customer", args=[shop.customer.pk])).content.decode()
    assert (kept.kept, kept.all) == (2, 2)
    assert "2 of 2 lines delivered by the day first promised" in page


def test_money_is_hidden_from_whoever_may_not_see_it(client: Client, shop: Shop, order: SalesOrder) -> None:
    become(client, "warehouse", shop.plant)
    page = client.get(reverse("suite:control_tower")).content.decode()
    assert "Margin" not in page
    assert "Cash" not in page
    assert "Machines now" not in page


def test_another_company_is_not_in_the_tower(client: Client, shop: Shop, order: SalesOrder) -> None:
    expect(order, 2 * DAY)
    other = Plant.objects.create(
        company=type(shop.company).objects.create(code="X", name="Other", currency=shop.euro),
        code="FAR",
        name="Far",
        calendar=shop.plant.calendar,
    )
    become(client, "auditor", other)
    assert order.number not in client.get(reverse("suite:control_tower")).content.decode()


def test_who_answers_for_the_whole_starts_at_the_tower(client: Client, shop: Shop) -> None:
    become(client, "auditor", shop.plant)
    assert client.get("/")["Location"] == reverse("suite:control_tower")


def failed_run(state: str = "dead") -> FlowRun:
    fact_type, flows = next((fact, flows) for fact, flows in table.TABLE.items() if flows)
    fact = FactRecord.objects.create(kind=fact_type.__name__, payload={}, subject="order:1")
    return FlowRun.objects.create(
        fact=fact, flow=flows[0].name, queue="default", state=state, attempts=12, error="Trace\nKeyError: 'plant'"
    )


def test_a_dead_flow_is_tried_again(client: Client, shop: Shop) -> None:
    run = failed_run()
    become(client, "admin", shop.plant)
    assert "KeyError" in client.get(reverse("suite:flow_runs")).content.decode()
    client.post(reverse("suite:flow_run_retry", args=[run.pk]))
    run.refresh_from_db()
    assert (run.state, run.attempts) == ("waiting", 0)


def test_an_auditor_sees_failed_flows_and_retries_none(client: Client, shop: Shop) -> None:
    run = failed_run()
    become(client, "auditor", shop.plant)
    page = client.get(reverse("suite:flow_run", args=[run.pk])).content.decode()
    assert "KeyError" in page
    assert "Try again" not in page
    assert client.post(reverse("suite:flow_run_retry", args=[run.pk])).status_code == 403


def test_without_failures_the_list_says_so(client: Client, shop: Shop) -> None:
    become(client, "admin", shop.plant)
    assert "Nothing has failed" in client.get(reverse("suite:flow_runs")).content.decode()


def test_the_proof_says_yes_and_names_what_is_broken(client: Client, shop: Shop) -> None:
    become(client, "auditor", shop.plant)
    assert "rules hold" in client.get(reverse("suite:proof")).content.decode()
    failed_run()
    page = client.get(reverse("suite:proof")).content.decode()
    assert "broken" in page
    assert "No flow run has been given up" in page


def test_an_admin_makes_a_user_who_may_log_in(client: Client, shop: Shop) -> None:
    become(client, "admin", shop.plant)
    form = {"username": "nina", "password": "long-and-secret-1", "role": "buyer", "company": str(shop.company.pk)}
    client.post(reverse("suite:user_create"), form)
    nina = User.objects.get(username="nina")
    assert nina.memberships.get().role == "buyer"
    assert Client().post("/login/", {"username": "nina", "password": "long-and-secret-1"}).status_code == 302
    assert "Buyer" in client.get(reverse("suite:users")).content.decode()


def test_nobody_changes_their_own_rights(client: Client, shop: Shop) -> None:
    me = become(client, "admin", shop.plant)
    form = {"role": "planner", "company": str(shop.company.pk)}
    answer = client.post(reverse("suite:user_grant", args=[me.pk]), form)
    assert "Nobody gives rights to themselves" in answer.content.decode()
    client.post(reverse("suite:role_withdraw", args=[me.memberships.get().pk]))
    client.post(reverse("suite:user_switch", args=[me.pk]))
    me.refresh_from_db()
    assert me.is_active
    assert Membership.objects.filter(user=me).count() == 1


def test_a_user_is_switched_off_and_a_role_given_and_taken(client: Client, shop: Shop) -> None:
    other = person("other", "sales", shop.plant)
    become(client, "admin", shop.plant)
    client.post(
        reverse("suite:user_grant", args=[other.pk]), {"role": "buyer", "company": str(shop.company.pk), "plant": ""}
    )
    assert {one.role for one in other.memberships.all()} == {"sales", "buyer"}
    client.post(reverse("suite:role_withdraw", args=[other.memberships.get(role="sales").pk]))
    assert {one.role for one in other.memberships.all()} == {"buyer"}
    client.post(reverse("suite:user_switch", args=[other.pk]))
    other.refresh_from_db()
    assert not other.is_active


@pytest.mark.parametrize("word", ["TABLE", "Saw one", "Timber", "WO-2026"])
def test_the_search_finds_materials_machines_partners_and_work_orders(
    client: Client, shop: Shop, order: SalesOrder, word: str
) -> None:
    become(client, "planner", shop.plant)
    page = client.get("/search/", {"q": word}).content.decode()
    assert "found" in page
    assert 'class="tl-code w5"' in page


@pytest.mark.parametrize(
    ("role", "name"),
    [("auditor", "control_tower"), ("admin", "flow_runs"), ("admin", "users")],
)
def test_pages_take_their_pinned_queries(client: Client, shop: Shop, order: SalesOrder, role: str, name: str) -> None:
    expect(order, 2 * DAY)
    failed_run()
    become(client, role, shop.plant)
    with assert_query_count(f"suite:{name}"):
        client.get(reverse(f"suite:{name}"))
