"""The bell rings for what waits for a person's yes, with a link each, to whoever may decide it and to nobody else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import services as crm
from crm.models import QuotationApproval, RushApproval, RushOption, RushRequest
from masterdata.models import User, WebhookEndpoint
from tests.crm.desk import ask
from tests.crm.orders import NOW, at
from tests.crm.test_notices import down, mail, moved, promised
from tests.crm.test_quotations import line
from tests.flows.workshop import Workshop
from tests.pages.conftest import person

D = Decimal


def bell(user: User) -> tuple[str, int]:
    """What it shows, and how many queries it takes."""
    client = Client()
    client.force_login(user)
    client.get(reverse("crm:bell"))
    with CaptureQueriesContext(connection) as taken:
        page = client.get(reverse("crm:bell")).content.decode()
    return page, len(taken)


def price(shop: Workshop, by: User) -> QuotationApproval:
    """18 % off where 10 % are free."""
    crm.set_sales_policy(company=shop.company, floor_percent=None, discount_limit_percent=D(10))
    quotation = crm.write_quotation(
        customer_id=shop.customer.pk, lines=[line(shop, discount_percent=D(18))], now=NOW, by=by
    )
    return crm.ask_approval(quotation_id=quotation.pk, now=NOW, by=by)


def option(request: RushRequest, by: User) -> RushApproval:
    card = RushOption.objects.filter(request=request, answer_no=request.answer_no).order_by("key")[0]
    return RushApproval.objects.create(request=request, option=card, asked_by=by)


def endpoint(shop: Workshop, name: str, **more: Any) -> WebhookEndpoint:
    given = {"is_active": False, "stopped_because": "Switched off: it took nothing for 2 hours, 50 tries in a row"}
    return WebhookEndpoint.objects.create(name=name, url="https://example.com", company=shop.company, **given | more)


def test_prices_options_and_notices_ring_for_who_may_decide_them(sara: Client, shop: Workshop) -> None:
    """A price, an option and a held notice: three, with a link each. Sara, who asked, hears none of them."""
    asker, lead = User.objects.get(username="sara"), person("selma", "sales_lead", shop.plant)
    waits = price(shop, asker)
    request = ask(sara)
    option(request, asker)
    mail(shop)
    moved(shop, promised(shop), at(29, 12), down(shop))
    page, before = bell(lead)
    assert '<span class="n">3</span>' in page
    for address in (reverse("crm:approval", args=[waits.pk]), reverse("crm:rush_request", args=[request.pk])):
        assert f'href="{address}"' in page
    assert "/notices/" in page
    assert 'class="n"' not in bell(asker)[0]
    price(shop, asker)
    option(ask(sara), asker)
    page, after = bell(lead)
    assert '<span class="n">5</span>' in page
    assert after == before


def test_nobody_is_rung_for_the_own_price_and_what_is_decided_is_quiet(shop: Workshop) -> None:
    lead, other = person("selma", "sales_lead", shop.plant), person("second", "sales_lead", shop.plant)
    waits = price(shop, lead)
    assert 'class="n"' not in bell(lead)[0]
    assert '<span class="n">1</span>' in bell(other)[0]
    crm.decide_approval(approval_id=waits.pk, is_approved=True, now=NOW, by=other)
    assert 'class="n"' not in bell(other)[0]


def test_an_endpoint_that_was_switched_off_rings_for_administrators(shop: Workshop) -> None:
    """Paused by hand it is quiet. The shell of somebody who sees no sales has the bell too."""
    off = endpoint(shop, "Shop floor board")
    endpoint(shop, "Paused", stopped_because="")
    admin = person("ada", "admin", shop.plant)
    page, _queries = bell(admin)
    assert '<span class="n">1</span>' in page
    assert f'href="{reverse("suite:webhook", args=[off.pk])}"' in page
    client = Client()
    client.force_login(admin)
    assert 'id="bell"' in client.get(reverse("suite:webhooks")).content.decode()
    assert 'class="n"' not in bell(person("otto", "operator", shop.plant))[0]
