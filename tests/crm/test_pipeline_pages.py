"""Pages before the quote: the board that works without JavaScript, its list, leads and stages."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import Lead, LostReason, Opportunity, Quotation, Stage
from masterdata.models import Partner
from tests.crm.desk import typed
from tests.crm.test_pipeline import move, opportunity
from tests.flows.workshop import Workshop
from tests.pages.conftest import person


def sent(row: Opportunity, stage: str, **more: str) -> dict[str, str]:
    return {"stage": str(Stage.objects.get(name=stage).pk), "version": str(row.version)} | more


def test_the_board_begins_with_an_opportunity_and_says_how(sara: Client) -> None:
    page = sara.get(reverse("crm:pipeline")).content.decode()
    assert "No pipeline yet" in page
    given = {
        "company": "",
        "customer": "NORD",
        "title": "Canteen",
        "value": "12000",
        "expected_on": "2027-01-15",
        "owner": "",
    }
    form = sara.get(reverse("crm:opportunity_create")).content.decode()
    company = form.split('name="company" value="')[1].split('"')[0]
    answer = sara.post(reverse("crm:opportunity_create"), given | {"company": company})
    row = Opportunity.objects.get()
    assert answer["Location"] == reverse("crm:opportunity", args=[row.pk])
    page = sara.get(reverse("crm:pipeline")).content.decode()
    assert "Canteen" in page
    assert "12,000" in page
    assert "weighted 1,200" in page, "10 % of 12,000"
    assert "Nothing planned" in page


def test_a_card_moves_by_its_menu_without_javascript(sara: Client, shop: Workshop) -> None:
    row = opportunity(shop)
    url = reverse("crm:opportunity_move_on_board", args=[row.pk])
    answer = sara.post(url, sent(row, "Offered"))
    assert answer["Location"] == reverse("crm:pipeline")
    row.refresh_from_db()
    assert (row.stage.name, row.moves.last().by.username) == ("Offered", "sara")  # type: ignore[union-attr]


def test_a_dragged_card_gets_the_board_as_it_is_now(sara: Client, shop: Workshop) -> None:
    """As the page asks it: only the board comes back, with the sums of the new column: 50 % of 1,000."""
    row = opportunity(shop)
    url = reverse("crm:opportunity_move_on_board", args=[row.pk])
    answer = sara.post(url, sent(row, "Offered"), HTTP_HX_REQUEST="true", HTTP_HX_TARGET="board")
    page = answer.content.decode()
    assert page.lstrip().startswith('<div id="board"')
    assert "weighted 500" in page


def test_a_stale_move_is_refused_and_says_where_the_card_is(sara: Client, shop: Workshop) -> None:
    row = opportunity(shop)
    old = sent(row, "Qualified")
    move(row, "Negotiated")
    url = reverse("crm:opportunity_move_on_board", args=[row.pk])
    page = sara.post(url, old, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="board").content.decode()
    assert "is in Negotiated now" in page
    assert Opportunity.objects.get().stage.name == "Negotiated"
    followed = sara.post(url, old, follow=True).content.decode()
    assert "is in Negotiated now" in followed, "without JavaScript it is said on the next page"


def test_a_card_dropped_on_lost_asks_why(sara: Client, shop: Workshop) -> None:
    row = opportunity(shop)
    url = reverse("crm:opportunity_move_on_board", args=[row.pk])
    answer = sara.post(url, sent(row, "Lost"), HTTP_HX_REQUEST="true", HTTP_HX_TARGET="board")
    ask = answer["HX-Redirect"]
    assert ask.startswith(reverse("crm:opportunity_lose", args=[row.pk]))
    assert "Why is" in sara.get(ask).content.decode()
    assert sara.post(ask, {"version": "1"}).status_code == 422, "a reason is needed"
    reason = LostReason.objects.get(code="PRICE")
    sara.post(ask, {"version": "1", "lost_reason": reason.pk, "lost_note": "too dear"})
    row.refresh_from_db()
    assert (row.state, row.lost_reason) == ("lost", reason)
    assert "Price" in sara.get(reverse("crm:opportunity", args=[row.pk])).content.decode()


def test_who_may_not_write_sees_no_handles(shop: Workshop, client: Client) -> None:
    row = opportunity(shop)
    client.force_login(person("paul", "planner", shop.plant))
    page = client.get(reverse("crm:pipeline")).content.decode()
    assert "draggable" not in page
    assert client.post(reverse("crm:opportunity_move_on_board", args=[row.pk]), sent(row, "Won")).status_code == 403


def test_the_list_filters_totals_and_marks_what_is_overdue(sara: Client, shop: Workshop) -> None:
    opportunity(shop, "100"), move(opportunity(shop, "900"), "Won")
    page = sara.get(reverse("crm:opportunities"), {"state": "open"}).content.decode()
    assert "100.00" in page
    assert "900.00" not in page
    csv = sara.get(reverse("crm:opportunities"), {"export": "csv"})
    assert csv.status_code == 200


@pytest.mark.parametrize("name", ["stages", "lost_reasons", "leads", "my_activities", "activities", "cases"])
def test_every_list_opens_empty_and_says_what_is_next(sara: Client, name: str) -> None:
    assert sara.get(reverse(f"crm:{name}")).status_code == 200


def test_stages_are_changed_by_who_leads_sales_only(sara: Client, shop: Workshop, client: Client) -> None:
    row = opportunity(shop)
    url = reverse("crm:stage_edit", args=[row.stage_id])
    given = {"name": "Asked", "kind": "open", "probability": "35", "place": "10", "is_active": "on", "version": "1"}
    assert sara.post(url, given).status_code == 403
    client.force_login(person("selma", "sales_lead", shop.plant))
    refused = client.post(url, given | {"probability": "100"})
    assert "0 to 99 percent" in refused.content.decode()
    assert client.post(url, given).status_code == 302
    assert Stage.objects.get(pk=row.stage_id).probability == 35
    assert "Asked" in client.get(reverse("crm:stages")).content.decode()


def test_a_lead_that_is_known_is_said_and_converted_to_the_customer(sara: Client, shop: Workshop) -> None:
    Partner.objects.filter(pk=shop.customer.pk).update(email="info@nordhaus.example")
    company = str(shop.company.pk)
    given = {
        "company": company,
        "organisation": "Nordhaus Interiors",
        "email": "INFO@nordhaus.example",
        "source": "fair",
    }
    answer = sara.post(reverse("crm:lead_create"), given)
    lead = Lead.objects.get()
    page = sara.get(answer["Location"]).content.decode()
    assert "known already" in page
    assert "same e-mail address" in page
    convert = reverse("crm:lead_convert", args=[lead.pk])
    form = sara.get(convert).content.decode()
    assert 'value="NORD"' in form, "the customer that it may be is proposed"
    hope = {"company": company, "customer": "NORD", "title": "Desks", "value": "500", "expected_on": "2027-02-01"}
    done = sara.post(convert, hope | {"version": "1"})
    row = Opportunity.objects.get()
    assert done["Location"] == reverse("crm:opportunity", args=[row.pk])
    assert (row.customer, row.expected_on) == (shop.customer, dt.date(2027, 2, 1))
    assert "Open OP-" in sara.get(reverse("crm:lead", args=[lead.pk])).content.decode()


def test_a_stale_conversion_converts_nothing(sara: Client, shop: Workshop) -> None:
    sara.post(reverse("crm:lead_create"), {"company": shop.company.pk, "person": "Ines", "source": "web", "email": ""})
    lead = Lead.objects.get()
    Lead.objects.update(version=2)
    hope = {"company": shop.company.pk, "title": "Desks", "value": "500", "expected_on": "2027-02-01", "version": "1"}
    assert sara.post(reverse("crm:lead_convert", args=[lead.pk]), hope).status_code == 409
    assert not Opportunity.objects.exists()


def test_a_quotation_from_the_opportunitys_page_is_written_for_it_and_wins_it(sara: Client, shop: Workshop) -> None:
    row = opportunity(shop)
    page = sara.get(reverse("crm:opportunity", args=[row.pk])).content.decode()
    url = f"{reverse('crm:quotation_create')}?customer={shop.customer.pk}&opportunity={row.pk}"
    assert url.replace("&", "&amp;") in page
    given = {"customer": "Nordhaus · NORD", "customer_reference": "", "valid_until": ""}
    assert sara.post(url, given | typed()).status_code == 302
    quotation = Quotation.objects.get()
    assert quotation.opportunity == row
    shop.quantity("STOOL", 2)
    sara.post(reverse("crm:quotation_accept", args=[quotation.pk]), {"version": quotation.version})
    row.refresh_from_db()
    assert (row.state, row.stage.name) == ("won", "Won")


def test_an_opportunity_whose_day_has_passed_stands_under_overdue(sara: Client, shop: Workshop) -> None:
    """On the board and in the list's view; it is not decided this month any more."""
    today = timezone.localdate()
    row = opportunity(shop, "700", today - dt.timedelta(days=1))
    page = sara.get(reverse("crm:pipeline")).content.decode()
    assert ">Overdue</a>" in page
    assert f"{today - dt.timedelta(days=1):%B %Y}</span>" not in page
    listed = sara.get(page.split('class="link c-late" href="')[1].split('"')[0].replace("&amp;", "&"))
    assert row.number in listed.content.decode()
    month = {"state": "open", "expected_on_from": today, "expected_on_to": today + dt.timedelta(days=31)}
    assert row.number not in sara.get(reverse("crm:opportunities"), month).content.decode()
