"""The timeline of a customer: everything in one, newest first, paged by a stable key, in as few queries always."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm import services as crm
from crm.happenings import told
from crm.models import Activity
from crm.selectors.happened import PAGE, Place, happened
from masterdata.models import Partner, User
from tests.crm.orders import confirmed
from tests.crm.test_pipeline import move, opportunity
from tests.flows.workshop import Workshop
from tests.pages.conftest import person

NOW = timezone.now()


def done(shop: Workshop, owner: User, count: int, at: dt.datetime = NOW) -> None:
    """Activities that were all done at one moment, so that only the key orders them."""
    Activity.objects.bulk_create(
        Activity(
            company=shop.company,
            customer=shop.customer,
            owner=owner,
            kind="call",
            subject=f"Call {number}",
            due_at=at,
            done_at=at,
        )
        for number in range(count)
    )


def lived(shop: Workshop, owner: User) -> None:
    order = confirmed(shop, 1, now=NOW)
    case = crm.open_case(subject="Scratch", order_id=order.pk, now=NOW)
    crm.close_case(case_id=case.pk, outcome="solved", now=NOW)
    move(opportunity(shop), "Won")
    crm.log_message(
        kind="note", customer_id=shop.customer.pk, body="Likes oak", now=NOW, by=owner, company_id=shop.company.pk
    )
    done(shop, owner, 2)


def test_everything_stands_in_one_timeline_newest_first(sara: Client, shop: Workshop) -> None:
    lived(shop, User.objects.get(username="sara"))
    page = sara.get(reverse("crm:customer", args=[shop.customer.pk])).content.decode()
    for sentence in ("Order confirmed", "opened", "closed", "Tables for a canteen won", "Likes oak", "Call: Call 1"):
        assert sentence in page, sentence
    found = happened(User.objects.get(username="sara"), shop.customer.pk).entries
    assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)


def test_chips_choose_kinds(sara: Client, shop: Workshop) -> None:
    lived(shop, User.objects.get(username="sara"))
    url = reverse("crm:customer_timeline", args=[shop.customer.pk])
    cases = sara.get(url, {"kind": "cases"}).content.decode()
    assert "closed" in cases
    assert "Call 1" not in cases
    both = sara.get(url, {"kind": ["cases", "activities"]}).content.decode()
    assert "Call 1" in both
    assert "won" not in both


def test_pages_neither_repeat_nor_skip_what_happened_at_one_moment(shop: Workshop) -> None:
    """Seventy calls of one moment: thirty, thirty, ten."""
    owner = person("sara", "sales", shop.plant)
    done(shop, owner, 70)
    seen: list[Any] = []
    sizes, place = [], None
    while True:
        page = happened(owner, shop.customer.pk, kinds=["activities"], after=place)
        sizes.append(len(page.entries))
        seen += [one.row.pk for one in page.entries]
        place = page.earlier
        if place is None:
            break
        assert Place.read(str(place)) == place
    assert sizes == [PAGE, PAGE, 10]
    assert len(set(seen)) == 70


def test_the_next_page_comes_by_htmx_and_without_it(sara: Client, shop: Workshop) -> None:
    done(shop, User.objects.get(username="sara"), PAGE + 5)
    page = sara.get(reverse("crm:customer", args=[shop.customer.pk])).content.decode()
    link = re.search(r'href="([^"]+after=[^"]+)"', page)
    part = re.search(r'hx-get="([^"]+after=[^"]+)"', page)
    assert link
    assert part
    more = sara.get(part[1].replace("&amp;", "&"), HTTP_HX_REQUEST="true", HTTP_HX_TARGET="earlier").content.decode()
    assert more.count("<li>") == 5
    assert sara.get(link[1].replace("&amp;", "&")).content.decode().count("Call: Call") == 5


def test_the_number_of_queries_does_not_grow(shop: Workshop) -> None:
    owner = person("sara", "sales", shop.plant)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            happened(owner, shop.customer.pk)
        return len(captured)

    lived(shop, owner)
    queries()  # reads what the person may do
    first = queries()
    lived(shop, owner), lived(shop, owner)
    assert queries() == first


def test_money_is_for_who_may_see_invoices(shop: Workshop) -> None:
    sara, paul = person("sara", "sales", shop.plant), person("paul", "planner", shop.plant)
    page = {user.username: happened(user, shop.customer.pk, kinds=["money"]) for user in (sara, paul)}
    assert page["paul"].entries == []


def test_a_place_that_is_none_begins_anew(sara: Client, shop: Workshop) -> None:
    done(shop, User.objects.get(username="sara"), 1)
    url = reverse("crm:customer_timeline", args=[shop.customer.pk])
    for wrong in ("x", "2026-13-01|a|b", "2026-01-01|a|b"):
        assert "Call 0" in sara.get(url, {"after": wrong}).content.decode()


def test_programs_read_the_same_lines_in_the_same_order(sara: Client, shop: Workshop) -> None:
    me = User.objects.get(username="sara")
    lived(shop, me)
    done(shop, me, 40)
    url, query = f"/api/v1/crm/customers/{shop.customer.pk}/timeline/", dict[str, Any]()
    pages = []
    while True:
        pages.append(sara.get(url, query).json())
        if pages[-1]["earlier"] is None:
            break
        query = {"after": pages[-1]["earlier"]}
    lines = [one for page in pages for one in page["results"]]
    assert len(pages[0]["results"]) == PAGE
    first = happened(me, shop.customer.pk)
    second = happened(me, shop.customer.pk, after=first.earlier)
    shown = [told(entry) for entry in (*first.entries, *second.entries)]
    assert [line["sentence"] for line in lines] == [str(one.sentence) for one in shown]
    assert len({(line["source"], line["id"]) for line in lines}) == len(lines)
    (order,) = [line for line in lines if line["source"] == "order"]
    assert order["link"] == f"/api/v1/erp/sales-orders/{order['id']}/"
    closed = sara.get(url, {"kind": "cases"}).json()["results"]
    assert {line["kind"] for line in closed} == {"cases"}
    assert {line["source"] for line in closed} == {"fact"}


def test_a_timeline_is_asked_for_rightly_and_only_of_ones_own_customers(sara: Client, shop: Workshop) -> None:
    url = f"/api/v1/crm/customers/{shop.customer.pk}/timeline/"
    for query, field in (({"kind": "weather"}, "kind"), ({"after": "yesterday"}, "after"), ({"page": "2"}, "page")):
        refused = sara.get(url, query)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field)
    assert sara.get("/api/v1/crm/customers/999999/timeline/").status_code == 404
    supplier = Partner.objects.create(code="SUP", name="Supplier", is_supplier=True)
    assert sara.get(f"/api/v1/crm/customers/{supplier.pk}/timeline/").status_code == 404
