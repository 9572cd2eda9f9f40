"""Contracts: written, released, called off at their prices, amended, planned ahead, renewed, ended."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from crm import services as crm
from crm.models import Activity, CallOff, Contract, ContractChange, PlannedCallOff
from crm.selectors.contracts import agreed_prices, uses_of
from crm.selectors.prices import prices_for
from erp import services as erp
from erp.models import SalesOrder, SalesOrderLine
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.models import FactRecord
from tests.crm.agreed import WANTED, active, agreed, draft, line_of, take
from tests.crm.orders import NOW
from tests.flows.workshop import Workshop
from tests.pages.conftest import person

D = Decimal


def left(contract: Contract, line_no: int = 1) -> Decimal:
    return uses_of([contract])[contract.pk][line_no - 1].left


def test_a_contract_is_a_draft_with_a_number_until_it_is_released(shop: Workshop) -> None:
    contract = draft(shop)
    assert (contract.number, contract.state, contract.currency.code) == ("CO-2026-00001", "draft", "EUR")
    with pytest.raises(crm.ContractNotActive):
        take(contract, "10")
    crm.release_contract(contract_id=contract.pk, now=NOW)
    assert FactRecord.objects.get(kind="ContractReleased").subject == f"contract:{contract.pk}"
    with pytest.raises(crm.ContractNotDraft):
        crm.release_contract(contract_id=contract.pk, now=NOW)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"agreed_qty": None}, "lines.0.agreed_qty"),
        ({"agreed_value": D(5)}, "lines.0.agreed_qty"),
        ({"agreed_qty": None, "agreed_value": D(0)}, "lines.0.agreed_value"),
        ({"agreed_qty": D("1.5")}, "lines.0.agreed_qty"),
        ({"unit_price": D(-1)}, "lines.0.unit_price"),
        ({"min_call_qty": D(101)}, "lines.0.min_call_qty"),
        ({"prices": [(D(0), D(1))]}, "lines.0.prices"),
        ({"prices": [(D(5), D(1)), (D(5), D(2))]}, "lines.0.prices"),
        ({"material_id": 0}, "lines.0.material"),
        ({"plant_id": 0}, "lines.0.plant"),
    ],
)
def test_what_cannot_be_agreed_names_its_field(shop: Workshop, change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        draft(shop, agreed(shop, **change))
    assert refusal.value.field == field
    assert not Contract.objects.exists()


def test_a_call_off_is_a_confirmed_order_at_the_contracts_price(shop: Workshop) -> None:
    """10 x 90.00 = 900.00; 25 x 85.00 (from 20 on) = 2,125.00. Of 100 stools 65 are left."""
    contract = active(shop)
    first, second = take(contract, "10"), take(contract, "25")
    assert [order.lines.get().net_amount for order in (first, second)] == [D("900.00"), D("2125.00")]
    assert first.confirmed_at == NOW
    assert first.customer == shop.customer
    assert first.customer_reference == contract.number
    assert left(contract) == 65
    stated = FactRecord.objects.filter(kind="ContractCalledOff").order_by("stated_at").first()
    assert stated is not None
    assert stated.payload["order_id"] == first.pk
    assert stated.subject == f"order:{first.pk}"


def test_a_draft_can_be_called_off_to_be_confirmed_later(shop: Workshop) -> None:
    contract = active(shop)
    order = take(contract, "10", confirm=False)
    assert order.confirmed_at is None
    assert left(contract) == 90
    erp.cancel_order(order_id=order.pk, reason="Not wanted", now=NOW)
    assert left(contract) == 100


def test_what_is_cancelled_is_given_back(shop: Workshop) -> None:
    """All of the first order; of the second a part that is not made yet cannot go alone, so it goes whole."""
    contract = active(shop)
    first, second = take(contract, "10"), take(contract, "30")
    erp.cancel_order(order_id=first.pk, reason="Too many", now=NOW)
    assert left(contract) == 70
    erp.cancel_line(line_id=second.lines.get().pk, reason="Too many", now=NOW)
    assert left(contract) == 100


def test_no_more_than_is_left_with_the_tolerance_is_called_off(shop: Workshop) -> None:
    """100 stools and 10 %: 110. After 90, 20 more are allowed, 21 are not."""
    contract = active(shop, tolerance_percent=D(10))
    take(contract, "90")
    with pytest.raises(crm.NotEnoughLeft) as refusal:
        take(contract, "21")
    assert D(refusal.value.values["left"]) == 20
    assert refusal.value.sentence.startswith("20 PC of line 1 of CO-2026-00001 can still be called off")
    assert SalesOrder.objects.count() == 1
    take(contract, "20")
    assert left(contract) == 0


def test_an_agreed_value_is_used_up_by_net_amounts(shop: Workshop) -> None:
    """1,000.00 agreed: 10 x 90.00 leave 100.00, which one stool more fits in and two do not."""
    contract = active(shop, agreed(shop, quantity=None, agreed_value=D(1000), min_call_qty=D(0)))
    take(contract, "10")
    with pytest.raises(crm.NotEnoughLeft) as refusal:
        take(contract, "2")
    assert D(refusal.value.values["left_value"]) == 100
    take(contract, "1")
    assert left(contract) == 10


def test_the_least_call_off_holds_but_for_the_rest(shop: Workshop) -> None:
    contract = active(shop)
    with pytest.raises(crm.TooLittle):
        take(contract, "4")
    take(contract, "97")
    take(contract, "3")
    assert left(contract) == 0


def test_two_lines_of_one_call_off_share_what_is_left(shop: Workshop) -> None:
    contract = active(shop)
    row = line_of(contract)
    asked = [crm.CallOffLine(row.pk, D(60), WANTED), crm.CallOffLine(row.pk, D(41), WANTED)]
    with pytest.raises(crm.NotEnoughLeft) as refusal:
        crm.call_off(contract_id=contract.pk, lines=asked, now=NOW)
    assert refusal.value.field == "lines.1.quantity"
    assert not CallOff.objects.exists()
    assert not SalesOrder.objects.exists()


def test_the_day_wanted_is_one_of_the_contracts(shop: Workshop) -> None:
    contract = active(shop)
    with pytest.raises(crm.OutsideContract):
        take(contract, "10", wanted_on=dt.date(2027, 2, 1))


def test_a_line_of_another_contract_is_refused(shop: Workshop) -> None:
    contract, other = active(shop), active(shop)
    with pytest.raises(InvalidInput):
        take(contract, "10", contract_line_id=line_of(other).pk)


def test_a_draft_orders_line_may_name_the_contract(shop: Workshop) -> None:
    """Written at 120.00, booked at the contract's 85.00 for 20: 1,700.00."""
    contract = active(shop)
    stool = shop.materials["STOOL"]
    wish = erp.OrderLineInput(shop.plant.pk, stool.pk, D(20), D(120), WANTED)
    given = {"company": shop.company, "currency": shop.company.currency, "lines": [wish], "now": NOW}
    order = erp.create_order(customer=shop.customer, **given)
    row = order.lines.get()
    crm.book_call_offs(order_id=order.pk, taken={row.pk: line_of(contract).pk}, now=NOW)
    row.refresh_from_db()
    assert (row.unit_price, row.net_amount, left(contract)) == (D(85), D("1700.00"), 80)
    with pytest.raises(crm.OtherContract):
        crm.book_call_offs(order_id=order.pk, taken={row.pk: line_of(contract).pk}, now=NOW)
    elsewhere = erp.create_order(customer=shop.other_customer, **given)
    taken = {elsewhere.lines.get().pk: line_of(contract).pk}
    with pytest.raises(crm.OtherContract):
        crm.book_call_offs(order_id=elsewhere.pk, taken=taken, now=NOW)


def test_a_call_off_is_never_changed_or_deleted(shop: Workshop) -> None:
    contract = active(shop)
    take(contract, "10")
    with pytest.raises(DatabaseError), transaction.atomic():
        CallOff.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        CallOff.objects.update(made_at=NOW)


def test_a_released_contract_changes_by_amendments_that_say_what_was_there(shop: Workshop) -> None:
    contract = active(shop)
    take(contract, "60")
    with pytest.raises(crm.ContractNotDraft):
        crm.rewrite_contract(contract_id=contract.pk, terms=crm.ContractTerms(**crm_terms()), lines=[], now=NOW)
    changed = agreed(shop, quantity="150", line_no=1, unit_price=D(88))
    new = agreed(shop, "TABLE", "20", unit_price=D(250), min_call_qty=D(0), prices=[])
    amendment = crm.amend_contract(
        contract_id=contract.pk, reason="More shops", now=NOW, terms={"valid_to": dt.date(2027, 3, 31)},
        lines=[changed, new],
    )  # fmt: skip
    assert amendment.amendment_no == 1
    assert FactRecord.objects.get(kind="ContractAmended").payload["amendment_no"] == 1
    assert left(contract) == 90
    assert left(contract, 2) == 20
    said = list(ContractChange.objects.order_by("id").values_list("line_no", "what", "before", "after"))
    assert said == [
        (None, "valid_to", "2027-01-31", "2027-03-31"),
        (1, "agreed_qty", "100", "150"),
        (1, "unit_price", "90", "88"),
        (2, "line", "", "TABLE, 20 at 250"),
    ]
    with pytest.raises(DatabaseError), transaction.atomic():
        ContractChange.objects.update(before="")


def crm_terms() -> dict[str, dt.date]:
    return {"valid_from": dt.date(2026, 11, 1), "valid_to": dt.date(2027, 1, 31)}


def test_nothing_is_agreed_for_less_than_is_called_off(shop: Workshop) -> None:
    contract = active(shop)
    take(contract, "60")
    with pytest.raises(InvalidInput) as refusal:
        crm.amend_contract(
            contract_id=contract.pk, reason="Less", now=NOW, lines=[agreed(shop, quantity="59", line_no=1)]
        )
    assert refusal.value.field == "lines.0.agreed_qty"
    with pytest.raises(InvalidInput):
        crm.amend_contract(contract_id=contract.pk, reason="Other", now=NOW, lines=[agreed(shop, "TABLE")])
    with pytest.raises(InvalidInput):
        crm.amend_contract(contract_id=contract.pk, reason="Nothing", now=NOW)
    with pytest.raises(StaleVersion):
        crm.amend_contract(contract_id=contract.pk, reason="Old", now=NOW, terms={"title": "A"}, expected_version=1)


def test_planned_call_offs_become_orders_when_they_are_due_and_once(shop: Workshop) -> None:
    """Wanted on 10 December, called off 14 days ahead: on 26 November, not on the 25th."""
    contract = active(shop)
    row = line_of(contract)
    days = [dt.date(2026, 12, 10), dt.date(2027, 1, 10)]
    crm.plan_call_offs(contract_id=contract.pk, lines=[crm.PlannedLine(row.pk, day, D(10)) for day in days], now=NOW)
    assert left(contract) == 100
    assert crm.call_planned(now=dt.datetime(2026, 11, 25, 23, tzinfo=dt.UTC)) == []
    due = dt.datetime(2026, 11, 26, 1, tzinfo=dt.UTC)
    (order_id,) = crm.call_planned(now=due)
    assert crm.call_planned(now=due) == []
    order = SalesOrder.objects.get(pk=order_id)
    assert order.confirmed_at == due
    assert order.lines.get().wanted_on == days[0]
    assert left(contract) == 90
    states = list(PlannedCallOff.objects.order_by("wanted_on").values_list("state", flat=True))
    assert states == ["called", "planned"]
    with pytest.raises(crm.NotPlanned):
        crm.drop_planned(planned_id=CallOff.objects.get().planned_id, now=due)


def test_a_planned_call_off_that_is_refused_says_why_and_is_tried_again(shop: Workshop) -> None:
    contract = active(shop)
    row = line_of(contract)
    crm.plan_call_offs(contract_id=contract.pk, lines=[crm.PlannedLine(row.pk, WANTED, D(10))], now=NOW)
    used = take(contract, "95")
    assert crm.call_planned(now=NOW) == []
    planned = PlannedCallOff.objects.get()
    assert planned.problem.startswith("5 PC of line 1 of CO-2026-00001 can still be called off")
    erp.cancel_order(order_id=used.pk, reason="Too many", now=NOW)
    assert crm.call_planned(now=NOW + dt.timedelta(minutes=59)) == []
    assert len(crm.call_planned(now=NOW + dt.timedelta(minutes=61))) == 1
    planned.refresh_from_db()
    assert (planned.state, planned.problem) == ("called", "")


def test_renewal_makes_the_follow_up_contract_with_changed_prices(shop: Workshop) -> None:
    """90.00 + 2.5 % = 92.25; 85.00 + 2.5 % = 87.125 -> 87.13. Six months from 1 February: to 31 July."""
    contract = active(shop)
    renewed = crm.renew_contract(contract_id=contract.pk, now=NOW, months=6, percent=D("2.5"))
    assert (renewed.previous, renewed.state) == (contract, "draft")
    assert (renewed.valid_from, renewed.valid_to) == (dt.date(2027, 2, 1), dt.date(2027, 7, 31))
    row = line_of(renewed)
    assert (row.unit_price, row.prices.get().unit_price, row.agreed_qty) == (D("92.25"), D("87.13"), D(100))
    with pytest.raises(crm.AlreadyRenewed):
        crm.renew_contract(contract_id=contract.pk, now=NOW)
    crm.cancel_contract(contract_id=renewed.pk, reason="Not agreed", now=NOW)
    assert crm.renew_contract(contract_id=contract.pk, now=NOW, release=True).state == "active"


def test_clockwork_reminds_once_renews_by_itself_and_ends(shop: Workshop) -> None:
    """To 31 January, reminder 30 days before: 1 January. Notice 60 days before: 2 December; from the 3rd on renewed."""
    asks = active(shop)
    itself = active(shop, renewal="auto", notice_days=60)
    noticed = active(shop, renewal="auto", notice_days=60)
    crm.give_notice(contract_id=noticed.pk, now=NOW)
    assert crm.watch_contracts(now=dt.datetime(2026, 12, 2, 12, tzinfo=dt.UTC)) == 0
    assert crm.watch_contracts(now=dt.datetime(2026, 12, 3, 12, tzinfo=dt.UTC)) == 1
    assert [one.previous_id for one in Contract.objects.exclude(previous=None)] == [itself.pk]
    new_year = dt.datetime(2027, 1, 1, 12, tzinfo=dt.UTC)
    assert crm.watch_contracts(now=new_year) == 2
    assert crm.watch_contracts(now=new_year) == 0
    ending = FactRecord.objects.filter(kind="ContractEnding").values_list("payload__contract_id", flat=True)
    assert set(ending) == {asks.pk, noticed.pk}
    crm.watch_contracts(now=dt.datetime(2027, 2, 1, 12, tzinfo=dt.UTC))
    assert list(Contract.objects.order_by("pk").values_list("state", flat=True)) == [
        "ended",
        "ended",
        "ended",
        "active",
    ]


def test_the_owner_of_a_contract_that_ends_has_it_to_do_once(shop: Workshop) -> None:
    """To 31 January: from 1 January on, due on the last day, and it rings at once."""
    sara = person("sara", "sales", shop.plant)
    contract = active(shop, owner_id=sara.pk)
    new_year = dt.datetime(2027, 1, 1, 12, tzinfo=dt.UTC)
    crm.watch_contracts(now=new_year)
    crm.watch_contracts(now=new_year)
    todo = Activity.objects.get()
    assert (todo.owner, todo.customer, todo.remind_at) == (sara, shop.customer, new_year)
    assert todo.subject == f"{contract.number} ends on 31 Jan 2027: renew it or let it end"


def test_notice_is_given_in_time_or_not_at_all(shop: Workshop) -> None:
    contract = active(shop, notice_days=90)
    with pytest.raises(crm.NoticeTooLate):
        crm.give_notice(contract_id=contract.pk, now=NOW)


def test_an_ended_contract_drops_what_is_planned_and_keeps_its_orders(shop: Workshop) -> None:
    contract = active(shop)
    take(contract, "10")
    planned = [crm.PlannedLine(line_of(contract).pk, WANTED, D(10))]
    crm.plan_call_offs(contract_id=contract.pk, lines=planned, now=NOW)
    crm.end_contract(contract_id=contract.pk, reason="They moved", now=NOW)
    assert PlannedCallOff.objects.get().state == "dropped"
    assert SalesOrderLine.objects.get().quantity == 10
    assert FactRecord.objects.get(kind="ContractEnded").payload["contract_id"] == contract.pk
    with pytest.raises(crm.ContractNotActive):
        take(contract, "10")


def test_the_price_of_a_contract_holds_while_it_is_in_force_and_enough_is_left(shop: Workshop) -> None:
    """First the contract that ends first; 30 of its 100 are left for the second wish of 40, so that one has none."""
    contract = active(shop)
    later = active(shop, agreed(shop, quantity="10", unit_price=D(70), prices=[]), valid_to=dt.date(2027, 6, 30))
    stool, table = shop.materials["STOOL"].pk, shop.materials["TABLE"].pk
    given = {
        "customer_id": shop.customer.pk,
        "company_id": shop.company.pk,
        "currency_id": shop.company.currency_id,
        "plant_id": shop.plant.pk,
    }
    found = agreed_prices(**given, on=WANTED, wanted=[(stool, D(70)), (table, D(1)), (stool, D(40)), (stool, D(8))])
    assert [one and (one.unit_price, one.line_id) for one in found] == [
        (D(85), line_of(contract).pk),
        None,
        None,
        (D(90), line_of(contract).pk),
    ]
    terms = {name: given[name] for name in ("customer_id", "currency_id", "plant_id")}
    priced = prices_for(**terms, on=WANTED, wanted=[(stool, D(25)), (table, D(1))])
    assert [(one.unit_price, one.source) for one in priced] == [
        (D(85), f"Contract {contract.number}"),
        (D(300), "List price"),
    ]
    after = agreed_prices(**given, on=dt.date(2027, 2, 1), wanted=[(stool, D(8))])
    assert [one and one.line_id for one in after] == [line_of(later).pk]
