"""Opportunities in their stages: opened, moved, won by a quotation, lost for a reason, added up exactly."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from crm import services as crm
from crm.models import LostReason, Opportunity, Stage
from crm.selectors import pipeline
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.models import Currency, FactRecord, Partner
from tests.flows.workshop import Workshop
from tests.pages.conftest import person

D = Decimal
DAY = dt.date(2027, 1, 15)


def opportunity(shop: Workshop, value: str = "1000", day: dt.date = DAY, stage: str = "") -> Opportunity:
    stage_id = Stage.objects.get(name=stage).pk if stage else None
    given = crm.OpportunityInput(title="Tables for a canteen", value=D(value), expected_on=day)
    return crm.open_opportunity(
        customer_id=shop.customer.pk,
        company_id=shop.company.pk,
        opportunity=given,
        stage_id=stage_id,
        now=timezone.now(),
    )


def move(row: Opportunity, stage: str, **more: object) -> Opportunity:
    stage_id = Stage.objects.get(name=stage).pk
    return crm.move_opportunity(opportunity_id=row.pk, stage_id=stage_id, now=timezone.now(), **more)  # type: ignore[arg-type]


def test_the_first_opportunity_lays_down_the_usual_stages(shop: Workshop) -> None:
    row = opportunity(shop)
    assert (row.stage.name, row.state, row.currency.code) == ("New", "open", "EUR")
    assert list(Stage.objects.values_list("name", flat=True)) == [
        "New", "Qualified", "Offered", "Negotiated", "Won", "Lost",
    ]  # fmt: skip


def test_columns_add_up_exactly_each_row_rounded_once(shop: Workshop) -> None:
    """10 %: 333.33 -> 33.333 -> 33.33, 0.05 -> 0.005 -> 0.01, 1000 -> 100; together 1,333.38 and 133.34."""
    for value in ("333.33", "0.05", "1000"):
        opportunity(shop, value)
    opportunity(shop, "50", stage="Offered")
    rows = pipeline.visible_opportunities(person("sara", "sales", shop.plant))
    columns = {one.stage.name: one for one in pipeline.board(rows, pipeline.stages())}
    (new,) = columns["New"].sums
    assert (columns["New"].count, new.value, new.weighted) == (3, D("1333.38"), D("133.34"))
    assert columns["Offered"].sums[0].weighted == D(25)
    assert columns["Won"].count == 0


def test_sums_are_kept_apart_by_currency(shop: Workshop) -> None:
    first, other = opportunity(shop, "100"), opportunity(shop, "300")
    dollar = Currency.objects.create(code="USD", name="Dollar")
    Opportunity.objects.filter(pk=other.pk).update(currency=dollar)
    rows = pipeline.visible_opportunities(person("sara", "sales", shop.plant))
    assert [(one.currency, one.value) for one in pipeline.totals(rows)] == [("EUR", D(100)), ("USD", D(300))]
    assert first.currency != dollar


def test_the_forecast_weighs_by_the_month_of_decision(shop: Workshop) -> None:
    """January: 10 % of 1,000 and 50 % of 400 = 300; March: 10 % of 500 = 50. Won is no forecast any more."""
    opportunity(shop, "1000"), opportunity(shop, "400", stage="Offered")
    opportunity(shop, "500", dt.date(2027, 3, 1))
    move(opportunity(shop, "900"), "Won")
    rows = pipeline.visible_opportunities(person("sara", "sales", shop.plant))
    found = [(one.month.month, one.sums.value, one.sums.weighted) for one in pipeline.forecast(rows, DAY) if one.month]
    assert found == [(1, D(1400), D(300)), (3, D(500), D(50))]


def test_what_should_be_decided_by_now_is_overdue_in_the_forecast(shop: Workshop) -> None:
    """On 15 January what was due on the 14th is overdue, also what was due last year; the 15th is still January."""
    opportunity(shop, "1000", dt.date(2027, 1, 14)), opportunity(shop, "500", dt.date(2026, 11, 2))
    opportunity(shop, "300", dt.date(2027, 1, 15))
    rows = pipeline.visible_opportunities(person("sara", "sales", shop.plant))
    found = [(one.month, one.sums.value) for one in pipeline.forecast(rows, dt.date(2027, 1, 15))]
    assert found == [(None, D(1500)), (dt.date(2027, 1, 1), D(300))]


def test_an_accepted_quotation_wins_its_opportunity(shop: Workshop) -> None:
    row, now = opportunity(shop), timezone.now()
    shop.quantity("STOOL", 2)
    line = crm.QuotationLineInput(shop.plant.pk, shop.materials["STOOL"].pk, D(1), (now + dt.timedelta(days=9)).date())
    quotation = crm.write_quotation(customer_id=shop.customer.pk, lines=[line], opportunity_id=row.pk, now=now)
    crm.accept_quotation(quotation_id=quotation.pk, now=now)
    row.refresh_from_db()
    assert (row.state, row.stage.name, row.closed_at) == ("won", "Won", now)
    assert FactRecord.objects.get(kind="OpportunityWon").subject == f"customer:{shop.customer.pk}"
    with pytest.raises(crm.WonByItsQuotation):
        move(row, "Offered")


def test_a_quotation_is_written_for_an_open_opportunity_of_its_customer_only(shop: Workshop) -> None:
    row, now = opportunity(shop), timezone.now()
    line = crm.QuotationLineInput(shop.plant.pk, shop.materials["STOOL"].pk, D(1), (now + dt.timedelta(days=9)).date())
    other = Partner.objects.create(code="OTHER", name="Other", is_customer=True)
    with pytest.raises(InvalidInput, match="Choose an opportunity of Other"):
        crm.write_quotation(customer_id=other.pk, lines=[line], opportunity_id=row.pk, now=now)
    move(row, "Won")
    with pytest.raises(crm.OpportunityIsClosed, match="is won"):
        crm.write_quotation(customer_id=shop.customer.pk, lines=[line], opportunity_id=row.pk, now=now)


def test_losing_needs_a_reason_and_coming_back_takes_it_away(shop: Workshop) -> None:
    row = opportunity(shop)
    with pytest.raises(InvalidInput, match="why it was lost"):
        move(row, "Lost")
    reason = LostReason.objects.get(code="PRICE")
    lost = move(row, "Lost", lost_reason_id=reason.pk, lost_note="4 % too dear")
    assert (lost.state, lost.lost_reason, lost.lost_note) == ("lost", reason, "4 % too dear")
    assert FactRecord.objects.get(kind="OpportunityLost").payload["lost_reason_id"] == reason.pk
    again = move(row, "Qualified")
    assert (again.state, again.lost_reason, again.closed_at) == ("open", None, None)
    assert [one.stage.name for one in row.moves.all()] == ["New", "Lost", "Qualified"]


def test_who_moves_second_is_told_where_it_is_now(shop: Workshop) -> None:
    row = opportunity(shop)
    move(row, "Offered", expected_version=1)
    with pytest.raises(StaleVersion, match="is in Offered now"):
        move(row, "Qualified", expected_version=1)
    assert move(row, "Offered", expected_version=2).version == 2, "it is there already: nothing changes"


def test_stages_change_what_everything_in_them_is_worth(shop: Workshop) -> None:
    """1,000 at 10 % is 100, at 35 % is 350."""
    row = opportunity(shop)
    crm.change_stage(stage_id=row.stage_id, stage=crm.StageInput("Asked", 35, 10), expected_version=1)
    found = pipeline.visible_opportunities(person("sara", "sales", shop.plant)).get()
    assert (found.stage.name, found.weighted) == ("Asked", D(350))


@pytest.mark.parametrize(
    ("stage", "refusal", "field"),
    [
        (crm.StageInput("New", 10, 10, is_active=False), crm.StageInUse, "is_active"),
        (crm.StageInput("Offered", 10, 10), crm.NameTaken, "name"),
        (crm.StageInput("New", 100, 10), InvalidInput, "probability"),
        (crm.StageInput("New", 100, 10, kind="won"), crm.OneStageOfItsKind, "kind"),
        (crm.StageInput(" ", 10, 10), InvalidInput, "name"),
    ],
)
def test_a_stage_is_refused_that_would_break_the_pipeline(
    shop: Workshop, stage: crm.StageInput, refusal: type[Exception], field: str
) -> None:
    row = opportunity(shop)
    with pytest.raises(refusal) as found:
        crm.change_stage(stage_id=row.stage_id, stage=stage)
    assert found.value.field == field  # type: ignore[attr-defined]


def test_the_only_won_stage_stays(shop: Workshop) -> None:
    opportunity(shop)
    won = Stage.objects.get(kind="won")
    with pytest.raises(crm.OneStageOfItsKind, match="the only stage for what is won"):
        crm.change_stage(stage_id=won.pk, stage=crm.StageInput("Won", 100, 50, kind="won", is_active=False))


def test_a_lost_quotation_keeps_why(shop: Workshop) -> None:
    opportunity(shop)
    now = timezone.now()
    line = crm.QuotationLineInput(shop.plant.pk, shop.materials["STOOL"].pk, D(1), (now + dt.timedelta(days=9)).date())
    quotation = crm.write_quotation(customer_id=shop.customer.pk, lines=[line], now=now)
    reason = LostReason.objects.get(code="DATE")
    lost = crm.lose_quotation(quotation_id=quotation.pk, now=now, lost_reason_id=reason.pk, lost_note="two weeks")
    assert (lost.state, lost.lost_reason, lost.lost_note) == ("lost", reason, "two weeks")
