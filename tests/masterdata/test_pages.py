"""Pages of master data, through the browser's door, as the roles that use them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from masterdata import services
from masterdata.models import Address, Bom, Company, Machine, Material, Partner, Plant, Unit, UnitConversion
from masterdata.views.register_table import REGISTERS
from tests.erp.shop import Shop
from tests.pages.conftest import person
from tests.pages.counting import assert_query_count


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


@pytest.fixture
def as_role(client: Client, shop: Shop) -> Client:
    """Logs in as a planner; `become` changes the role."""
    client.force_login(person("planner", "planner", shop.plant))
    return client


def become(client: Client, role: str, plant: Plant, *, everywhere: bool = True) -> Client:
    client.force_login(person(f"{role}-now", role, plant, everywhere=everywhere))
    return client


def partner_form(partner: Partner, **changes: str) -> dict[str, str]:
    form = {
        "code": partner.code,
        "name": partner.name,
        "kind": partner.kind,
        "is_customer": "on",
        "is_active": "on",
        "version": str(partner.version),
    }
    return form | changes


def test_sales_makes_a_partner_with_an_address(as_role: Client, shop: Shop) -> None:
    become(as_role, "sales", shop.plant)
    answer = as_role.post(reverse("masterdata:partner_create"), {"code": "NEW", "name": "New one", "kind": "company"})
    partner = Partner.objects.get(code="NEW")
    assert answer["Location"] == reverse("masterdata:partner", args=[partner.pk])
    form = {"kind": "delivery", "line1": "3 Harbour Street", "city": "Hamburg", "country": "DE"}
    as_role.post(reverse("masterdata:address_create", args=[partner.pk]), form)
    assert partner.addresses.get().city == "Hamburg"
    page = as_role.get(reverse("masterdata:partner", args=[partner.pk])).content.decode()
    assert "3 Harbour Street" in page


def test_a_code_that_is_taken_is_said_at_its_field(as_role: Client, shop: Shop) -> None:
    become(as_role, "sales", shop.plant)
    form = {"code": shop.customer.code, "name": "Twin", "kind": "company"}
    answer = as_role.post(reverse("masterdata:partner_create"), form)
    assert answer.status_code == 422
    assert "already exists" in answer.content.decode()
    assert 'value="Twin"' in answer.content.decode()


def test_a_stale_partner_shows_both_and_writes_nothing(as_role: Client, shop: Shop) -> None:
    become(as_role, "sales", shop.plant)
    url = reverse("masterdata:partner_edit", args=[shop.customer.pk])
    form = partner_form(shop.customer, name="Mine")
    services.update_partner(partner=shop.customer, values={"name": "Theirs"})
    answer = as_role.post(url, form)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Mine" in page
    assert "Theirs" in page
    assert Partner.objects.get(pk=shop.customer.pk).name == "Theirs"


def test_an_edit_with_the_right_version_is_saved(as_role: Client, shop: Shop) -> None:
    become(as_role, "sales", shop.plant)
    as_role.post(reverse("masterdata:partner_edit", args=[shop.customer.pk]), partner_form(shop.customer, name="Mine"))
    assert Partner.objects.get(pk=shop.customer.pk).name == "Mine"


def test_an_address_is_taken_away(as_role: Client, shop: Shop) -> None:
    become(as_role, "sales", shop.plant)
    address = Address.objects.create(partner=shop.customer, line1="Old", city="Town", country="DE")
    as_role.post(reverse("masterdata:address_remove", args=[address.pk]))
    assert not shop.customer.addresses.exists()


def test_an_operator_reads_and_changes_nothing(as_role: Client, shop: Shop) -> None:
    become(as_role, "operator", shop.plant)
    page = as_role.get(reverse("masterdata:partner", args=[shop.customer.pk]))
    assert page.status_code == 200
    edit = reverse("masterdata:partner_edit", args=[shop.customer.pk])
    assert edit not in page.content.decode()
    assert as_role.get(edit).status_code == 403


def test_cost_is_hidden_from_whoever_may_not_see_it(as_role: Client, shop: Shop) -> None:
    material = shop.buy("OAK", cost="12.34")
    url = reverse("masterdata:material", args=[material.pk])
    assert "12.34" in as_role.get(url).content.decode()
    become(as_role, "operator", shop.plant)
    assert "12.34" not in as_role.get(url).content.decode()
    assert "12.34" not in as_role.get(reverse("masterdata:materials")).content.decode()


def bom_lines(*lines: tuple[str, str]) -> dict[str, str]:
    form = {"base_qty": "1", "line_count": str(len(lines) + 1)}
    for number, (component, quantity) in enumerate(lines):
        form |= {f"line_{number}_component": component, f"line_{number}_quantity": quantity}
    return form


def write(client: Client, material: Material, *lines: tuple[str, str]) -> Bom:
    client.post(reverse("masterdata:bom_write", args=[material.pk]), bom_lines(*lines))
    return material.boms.order_by("-version_no")[0]


def test_a_draft_is_written_and_frozen(as_role: Client, shop: Shop) -> None:
    table, top = shop.make("TABLE"), shop.buy("TOP")
    draft = write(as_role, table, ("TOP Top", "2"))
    assert [(line.component_id, line.quantity) for line in draft.lines.all()] == [(top.pk, Decimal(2))]
    as_role.post(reverse("masterdata:bom_freeze", args=[draft.pk]))
    assert Bom.objects.get(pk=draft.pk).state == "frozen"


def test_a_frozen_version_is_not_editable_but_copied(as_role: Client, shop: Shop) -> None:
    """The form starts from the frozen lines; saving makes version 2 and leaves version 1 as it was."""
    table = shop.make("TABLE")
    top = shop.buy("TOP")
    shop.bom(table, (top, "2"))
    page = as_role.get(reverse("masterdata:bom", args=[table.boms.get().pk])).content.decode()
    assert "Edit lines" not in page
    assert "New version" in page
    draft = write(as_role, table, ("TOP", "3"))
    assert (draft.version_no, draft.state) == (2, "draft")
    assert table.boms.get(version_no=1).lines.get().quantity == 2


def test_a_frozen_version_refuses_a_second_freeze_in_a_sentence(as_role: Client, shop: Shop) -> None:
    table = shop.make("TABLE")
    shop.bom(table, (shop.buy("TOP"), "2"))
    url = reverse("masterdata:bom_freeze", args=[table.boms.get().pk])
    answer = as_role.post(url, follow=True, headers={"Referer": "http://testserver" + reverse("masterdata:boms")})
    assert "write a new one" in answer.content.decode()


def test_a_circle_is_refused_with_its_chain(as_role: Client, shop: Shop) -> None:
    outer, inner = shop.make("OUTER"), shop.make("INNER")
    shop.bom(outer, (inner, "1"))
    draft = write(as_role, inner, ("OUTER", "1"))
    url = reverse("masterdata:bom_freeze", args=[draft.pk])
    back = "http://testserver" + reverse("masterdata:bom", args=[draft.pk])
    page = as_role.post(url, follow=True, headers={"Referer": back}).content.decode()
    assert "would be made of itself" in page
    assert Bom.objects.get(pk=draft.pk).state == "draft"


def test_wrong_lines_are_said_at_the_line_and_kept(as_role: Client, shop: Shop) -> None:
    table = shop.make("TABLE")
    shop.buy("TOP")
    form = bom_lines(("NOWHERE", "1"), ("TOP", "0"))
    answer = as_role.post(reverse("masterdata:bom_write", args=[table.pk]), form)
    assert answer.status_code == 422
    assert "No material has this code" in answer.content.decode()
    answer = as_role.post(reverse("masterdata:bom_write", args=[table.pk]), bom_lines(("", ""), ("TOP", "0")))
    page = answer.content.decode()
    assert 'id="id_line_1_quantity_error"' in page
    assert "Enter a quantity above zero" in page
    assert not table.boms.exists()


def test_the_tree_shows_every_level_with_scrap_worked_in(as_role: Client, shop: Shop) -> None:
    """One table has 4 legs, a leg 0.5 kg of oak at 20 % scrap: 4 x 0.5 / 0.8 = 2.5 kg."""
    table, leg, oak = shop.make("TABLE"), shop.make("LEG"), shop.buy("OAK", shop.kilo)
    shop.bom(leg, (oak, "0.5", "20"))
    shop.bom(table, (leg, "4"))
    page = as_role.get(reverse("masterdata:bom", args=[table.boms.get().pk])).content.decode()
    assert "1.1</span>" in page
    assert "2.5 KG" in page


def test_where_used_names_the_parents(as_role: Client, shop: Shop) -> None:
    table, leg = shop.make("TABLE"), shop.buy("LEG")
    shop.bom(table, (leg, "4"))
    page = as_role.get(reverse("masterdata:material", args=[leg.pk]) + "?tab=used").content.decode()
    assert reverse("masterdata:material", args=[table.pk]) in page


def test_a_routing_is_written_for_a_plant_and_frozen(as_role: Client, shop: Shop) -> None:
    table = shop.make("TABLE", routed=False)
    form = {
        "line_count": "2",
        "line_0_sequence": "10",
        "line_0_name": "Saw",
        "line_0_work_centre": str(shop.saw.pk),
        "line_0_run_min_per_unit": "2.5",
    }
    as_role.post(reverse("masterdata:routing_write", args=[table.pk, shop.plant.pk]), form)
    routing = table.routings.get()
    as_role.post(reverse("masterdata:routing_freeze", args=[routing.pk]))
    routing.refresh_from_db()
    assert routing.state == "frozen"
    assert routing.operations.get().run_min_per_unit == Decimal("2.5")


def test_a_planner_sets_the_safety_stock_of_a_plant(as_role: Client, shop: Shop) -> None:
    oak = shop.buy("OAK")
    form = {
        "plant": str(shop.plant.pk), "policy": "to_stock", "safety_stock": "7", "reorder_point": "0",
        "lead_time_days": "3", "lot_rule": "multiple", "lot_qty": "0", "period_days": "0", "scrap_percent": "0",
        "safety_time_days": "0", "planning_fence_days": "0", "over_percent": "0",
    }  # fmt: skip
    refused = as_role.post(reverse("masterdata:planning_create", args=[oak.pk]), form)
    assert "Enter the lot&#x27;s quantity, or for a period its days." in refused.content.decode()
    form["lot_qty"] = "5"
    as_role.post(reverse("masterdata:planning_create", args=[oak.pk]), form)
    assert oak.plants.get().safety_stock == 7
    assert "7 EA" in as_role.get(reverse("masterdata:material", args=[oak.pk]) + "?tab=planning").content.decode()


@pytest.fixture
def elsewhere(shop: Shop) -> Machine:
    """A machine of another company."""
    other = Company.objects.create(code="OTHER", name="Other", currency=shop.euro)
    plant = Plant.objects.create(company=other, code="P9", name="Far away", calendar=shop.plant.calendar)
    centre = plant.work_centres.create(code="FAR", name="Far", calendar=shop.plant.calendar)
    return Machine.objects.create(work_centre=centre, code="FAR-1", name="Far one")


def test_a_machine_of_another_company_is_missing(as_role: Client, elsewhere: Machine) -> None:
    assert as_role.get(reverse("masterdata:machine", args=[elsewhere.pk])).status_code == 404
    assert as_role.get(reverse("masterdata:machine_edit", args=[elsewhere.pk])).status_code == 404
    assert "FAR-1" not in as_role.get(reverse("masterdata:machines")).content.decode()


def test_a_machine_is_not_moved_into_a_foreign_work_centre(as_role: Client, shop: Shop, elsewhere: Machine) -> None:
    form = {"code": "SAW-1", "name": "Saw one", "work_centre": str(elsewhere.work_centre_id), "speed_percent": "100"}
    answer = as_role.post(reverse("masterdata:machine_edit", args=[shop.saw_one.pk]), form)
    assert answer.status_code == 422
    assert Machine.objects.get(pk=shop.saw_one.pk).work_centre == shop.saw


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.key)
def test_every_register_has_its_list_form_and_page(as_role: Client, shop: Shop, register: object) -> None:
    become(as_role, "admin", shop.plant)
    UnitConversion.objects.create(unit=shop.box, base=shop.piece, base_units_per_unit=12)
    key, plural, model = register.key, register.plural, register.model  # type: ignore[attr-defined]
    assert as_role.get(reverse(f"masterdata:{plural}")).status_code == 200
    assert as_role.get(reverse(f"masterdata:{plural}") + "?q=x").status_code == 200
    row = model.objects.first()
    if row is not None:
        assert as_role.get(reverse(f"masterdata:{key}", args=[row.pk])).status_code == 200
    if register.is_founded:  # type: ignore[attr-defined]
        assert as_role.get(reverse(f"masterdata:{plural}") + "new/").status_code == 404
    else:
        assert as_role.get(reverse(f"masterdata:{key}_create")).status_code in (200, 403)


def test_an_admin_says_what_the_companys_documents_say(as_role: Client, shop: Shop) -> None:
    """Address, VAT number and language; what is wrong is said at its field."""
    become(as_role, "admin", shop.plant)
    url = reverse("masterdata:company_edit", args=[shop.company.pk])
    form = {"name": "Oak and Sons", "address": "Mill Lane 1\n10115 Berlin", "tax_no": "DE1", "language": "de"}
    assert as_role.post(url, form).status_code == 302
    shop.company.refresh_from_db()
    assert (shop.company.tax_no, shop.company.language) == ("DE1", "de")
    assert as_role.post(url, form | {"language": "xx"}).status_code == 422


def test_an_admin_adds_a_unit_and_a_planner_does_not(as_role: Client, shop: Shop) -> None:
    form = {"code": "M2", "name": "Square metre", "rounding": "0.001"}
    assert as_role.post(reverse("masterdata:unit_create"), form).status_code == 403
    become(as_role, "admin", shop.plant)
    as_role.post(reverse("masterdata:unit_create"), form)
    assert Unit.objects.get(code="M2").name == "Square metre"


def test_a_shift_is_added_to_a_calendar(as_role: Client, shop: Shop) -> None:
    calendar = shop.plant.calendar
    form = {"name": "Early", "weekday": "0", "starts": "06:00", "ends": "14:00"}
    as_role.post(reverse("masterdata:shift_create", args=[calendar.pk]), form)
    assert calendar.shifts.get(name="Early").weekday == 0
    assert "Monday" in as_role.get(reverse("masterdata:calendar", args=[calendar.pk])).content.decode()


def test_empty_lists_say_the_next_step(client: Client, db: None) -> None:
    shop = Shop()
    become(client, "sales", shop.plant)
    assert "write its first BOM" in client.get(reverse("masterdata:boms")).content.decode()


@pytest.mark.parametrize("name", ["partners", "materials", "boms", "machines", "registers"])
def test_lists_take_their_pinned_queries(as_role: Client, shop: Shop, name: str) -> None:
    for number in range(4):
        shop.bom(shop.make(f"M{number}"), (shop.buy(f"B{number}"), "1"))
    with assert_query_count(f"masterdata:{name}"):
        as_role.get(reverse(f"masterdata:{name}"))


@pytest.mark.parametrize("name", ["partner", "material", "bom", "machine"])
def test_documents_take_their_pinned_queries(as_role: Client, shop: Shop, name: str) -> None:
    table = shop.make("TABLE")
    shop.bom(table, (shop.buy("TOP"), "1"), (shop.buy("LEG"), "4"))
    rows = {"partner": shop.customer, "material": table, "bom": table.boms.get(), "machine": shop.saw_one}
    with assert_query_count(f"masterdata:{name}"):
        as_role.get(reverse(f"masterdata:{name}", args=[rows[name].pk]))


def test_a_form_sent_twice_has_one_effect(as_role: Client, shop: Shop) -> None:
    become(as_role, "sales", shop.plant)
    form = {"code": "ONCE", "name": "Once", "kind": "company", "idempotency_key": "k1"}
    first = as_role.post(reverse("masterdata:partner_create"), form)
    second = as_role.post(reverse("masterdata:partner_create"), form)
    assert first["Location"] == second["Location"]
    assert Partner.objects.filter(code="ONCE").count() == 1
