"""Replacing a component on its page and over REST; by-products and substitutes of a draft on theirs."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp import services as erp
from erp.models import WorkOrder, WorkOrderMaterial
from masterdata import services as masters
from masterdata.models import FactRecord
from tests.erp.planning.test_run import for_stock
from tests.erp.shop import Shop
from tests.erp.test_pages import become

D = Decimal


def _firm_need(shop: Shop) -> WorkOrderMaterial:
    """Two oak for a firm table, wanted in 30 days; three beech do as well and are free."""
    table, oak, beech = shop.make("TABLE"), shop.buy("OAK"), shop.buy("BEECH")
    shop.price(oak, days=90)
    line = masters.BomLineInput(oak.pk, D(2), substitutes=[masters.SubstituteInput(beech.pk, D("1.5"))])
    draft = masters.write_bom(material_id=table.pk, lines=[line])
    masters.freeze_bom(bom_id=draft.pk, now=timezone.now())
    for_stock(shop, table, lead_time_days=2)
    for_stock(shop, oak)
    order = shop.draft((table, "1"))
    order.lines.update(wanted_on=timezone.localdate() + dt.timedelta(days=30))
    erp.confirm_order(order_id=order.pk, now=timezone.now())
    erp.plan_changes(plant_id=shop.plant.pk, now=timezone.now())
    work = WorkOrder.objects.get()
    erp.firm_work_order(work_order_id=work.pk, now=timezone.now())
    shop.stock(beech, "3")
    erp.plan_changes(plant_id=shop.plant.pk, now=timezone.now())
    return work.materials.get()


def test_a_planner_uses_the_substitute_and_takes_it_back(client: Client, shop: Shop) -> None:
    need = _firm_need(shop)
    become(client, "buyer", shop.plant)
    page = client.get(reverse("erp:supply_messages")).content.decode()
    assert "BEECH is free and may be used instead" in page
    become(client, "planner", shop.plant)
    materials = reverse("erp:work_order", args=[need.work_order_id]) + "?tab=materials"
    url = reverse("erp:component_replace", args=[need.pk])
    assert url in client.get(materials).content.decode()
    form = client.get(url).content.decode()
    assert "BEECH Beech: 3 EA needed, 3 EA free in stock" in form
    beech = str(need.work_order.bom.lines.get().substitutes.get().material_id)  # type: ignore[union-attr]
    client.post(url, {"use": beech})
    need.refresh_from_db()
    assert (need.material.code, need.quantity, need.instead_qty) == ("BEECH", 3, 2)
    assert "instead of OAK" in client.get(materials).content.decode()
    stale = client.post(url, {"use": "component", "version": "1"})
    assert stale.status_code == 409
    client.post(url, {"use": "component"})
    need.refresh_from_db()
    assert (need.material.code, need.quantity, need.choice) == ("OAK", 2, "kept")
    told = client.get(materials).content.decode()
    assert "BEECH is used instead of OAK" in told
    assert "OAK is used again instead of BEECH" in told
    assert FactRecord.objects.filter(kind="ComponentReplaced", by__isnull=False).count() == 2


def test_rest_says_what_may_be_used_and_uses_it(client: Client, shop: Shop) -> None:
    need = _firm_need(shop)
    become(client, "planner", shop.plant)
    address = f"/api/v1/erp/components/{need.pk}/"
    usable = client.get(f"{address}may-be-used/").json()
    assert [(one["code"], one["quantity"], one["free"]) for one in usable] == [
        ("OAK", "2.000000", "0.000000"),
        ("BEECH", "3.000000", "3.000000"),
    ]
    body = json.dumps({"material": usable[1]["material"]})
    sent = {"content_type": "application/json", "headers": {"Idempotency-Key": "use-1"}}
    for _ in range(2):
        answer = client.post(f"{address}use-substitute/", body, **sent)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["instead_qty"]) == (200, "2.000000")
    back = client.post(f"{address}keep-component/", "{}", content_type="application/json",
                       headers={"Idempotency-Key": "keep-1"})  # fmt: skip
    assert (back.status_code, back.json()["choice"]) == (200, "kept")


def test_an_order_made_to_order_names_what_is_free_instead_and_leads_there(client: Client, shop: Shop) -> None:
    """A table for an order, wanted in 30 days: two oak come in 90, three beech are free. Used, nothing is named."""
    table, oak, beech = shop.make("TABLE"), shop.buy("OAK"), shop.buy("BEECH")
    shop.price(oak, days=90)
    line = masters.BomLineInput(oak.pk, D(2), substitutes=[masters.SubstituteInput(beech.pk, D("1.5"))])
    masters.freeze_bom(bom_id=masters.write_bom(material_id=table.pk, lines=[line]).pk, now=timezone.now())
    shop.stock(beech, "3")
    order = shop.draft((table, "1"))
    order.lines.update(wanted_on=timezone.localdate() + dt.timedelta(days=30))
    erp.confirm_order(order_id=order.pk, now=timezone.now())
    erp.plan_changes(plant_id=shop.plant.pk, now=timezone.now())
    become(client, "planner", shop.plant)
    need = WorkOrderMaterial.objects.get()
    messages = client.get(reverse("erp:supply_messages")).content.decode()
    page = client.get(reverse("erp:order_available", args=[order.pk])).content.decode()
    url = reverse("erp:component_replace", args=[need.pk])
    assert "BEECH is free and may be used instead" in messages
    assert "OAK lacks; 3 EA BEECH are free and may be used instead" in " ".join(page.split())
    assert order.number in messages
    assert url in page
    (said,) = client.get(f"/api/v1/erp/sales-orders/{order.pk}/available/").json()
    assert said["instead"] == [
        {"component": "OAK", "substitute": "BEECH", "quantity": "3.000000", "unit": "EA", "need_id": need.pk}
    ]
    client.post(url, {"use": str(beech.pk)})
    (said,) = client.get(f"/api/v1/erp/sales-orders/{order.pk}/available/").json()
    assert said["instead"] == []


def test_by_products_and_substitutes_of_a_draft_are_written_on_pages(client: Client, shop: Shop) -> None:
    table, oak, beech, chips = shop.make("TABLE"), shop.buy("OAK"), shop.buy("BEECH"), shop.buy("CHIPS", shop.kilo)
    draft = masters.write_bom(material_id=table.pk, lines=[masters.BomLineInput(oak.pk, D(2))])
    become(client, "planner", shop.plant)
    page = client.get(reverse("masterdata:bom", args=[draft.pk])).content.decode()
    for name in ("masterdata:bom_byproducts", "masterdata:bom_substitutes"):
        assert reverse(name, args=[draft.pk]) in page
    out = {"line_count": "1", "line_0_material": "CHIPS", "line_0_quantity": "0.5", "line_0_cost_share_percent": ""}
    client.post(reverse("masterdata:bom_byproducts", args=[draft.pk]), out)
    instead = {
        "line_count": "1", "line_0_component": "OAK", "line_0_material": "BEECH", "line_0_ratio": "1.5",
        "line_0_priority": "1", "line_0_by_itself": "on",
    }  # fmt: skip
    client.post(reverse("masterdata:bom_substitutes", args=[draft.pk]), instead)
    assert list(draft.byproducts.values_list("material", "quantity")) == [(chips.pk, D("0.5"))]
    row = draft.lines.get().substitutes.get()
    assert (row.material_id, row.ratio, row.by_itself) == (beech.pk, D("1.5"), True)
    page = client.get(reverse("masterdata:bom", args=[draft.pk])).content.decode()
    assert "What may be used instead" in page
    assert "What comes out beside it" in page
    wrong = client.post(reverse("masterdata:bom_byproducts", args=[draft.pk]), out | {"line_0_material": "TABLE"})
    assert (wrong.status_code, "Name each by-product once" in wrong.content.decode()) == (422, True)
