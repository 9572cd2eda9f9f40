"""Another company's rows, address by address: not listed, not found, not touched."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from erp.models import SalesOrder, SupplierPrice
from masterdata import scopes
from masterdata.models import Company, Membership, Partner
from suite import addresses
from suite.roles import ROLES
from tests.api.conftest import Caller, house, make_caller
from tests.api.test_stories import Shop, done, rush
from tests.flows import workshop

PK = "(?P<pk>[0-9]{1,18})"


def everywhere(company: Company) -> Caller:
    """A key of somebody with every role in the company."""
    caller = make_caller(company, "sales")
    for role in ROLES.keys() - {"sales"}:
        Membership.objects.create(user=caller.user, role=role, company=company)
    return caller


@pytest.fixture
def busy(db: None) -> Shop:
    """A company with an order, supply, work, a rush request and an alarm."""
    shop = Shop(workshop.build(), {})
    shop.shop.quantity("LEG", 30)
    all_roles = everywhere(shop.shop.company)
    body = {"customer": shop.shop.customer.pk, "lines": [shop.line("TABLE", "2", "100.00")]}
    quotation = done(all_roles.post("crm/quotations/", body), 201)
    done(all_roles.post(f"crm/quotations/{quotation['id']}/accept/"))
    rush(shop)
    machine = shop.shop.machines["SAW-01"].pk
    done(all_roles.post(f"mes/machines/{machine}/report-down/", {"since_at": timezone.now().isoformat()}), 201)
    return shop


def rest() -> list[addresses.Address]:
    return [one for one in addresses.addresses() if one.name.startswith("api:") and getattr(one.view, "cls", None)]


def is_shared(address: addresses.Address) -> bool:
    rows = address.view.cls.queryset
    return rows is None or scopes.of(rows.model) is scopes.EVERYBODYS


def plain(address: addresses.Address, pk: object = "") -> str:
    found = address.pattern.removeprefix("api/v1/").replace(PK, str(pk))
    return re.sub(r"[\^$]", "", found)


def lists() -> list[addresses.Address]:
    return [one for one in rest() if one.name.endswith("-list") and not is_shared(one)]


def theirs(shop: Shop) -> dict[type[Any], list[Any]]:
    """Ids of the busy company's rows by viewset, as its own people see them."""
    caller = everywhere(shop.shop.company)
    return {
        one.view.cls: [row["id"] for row in done(caller.get(plain(one)))["results"]]
        for one in lists()
        if "GET" in one.permissions
    }


def test_foreign_rows_stand_in_no_list(busy: Shop) -> None:
    mine = house("OUR", busy.shop.company.currency, busy.shop.plant.calendar)
    me, rows = everywhere(mine.company), theirs(busy)
    assert sum(bool(ids) for ids in rows.values()) > 20, "the busy company must have something to hide"
    for one in lists():
        if "GET" in one.permissions:
            seen = {row["id"] for row in done(me.get(plain(one)))["results"]}
            assert not seen & set(rows[one.view.cls]), one.pattern


def test_foreign_rows_are_found_at_no_address(busy: Shop) -> None:
    """Each detail and action address with each method and one of their ids answers as for an id that never was."""
    mine = house("OUR", busy.shop.company.currency, busy.shop.plant.calendar)
    me, rows = everywhere(mine.company), theirs(busy)
    tried = 0
    for one in rest():
        ids = rows.get(one.view.cls, [])
        if PK not in one.pattern or not ids or is_shared(one):
            continue
        for method in one.permissions:
            sent = {"GET": me.get, "POST": lambda url: me.post(url, {}), "PATCH": lambda url: me.patch(url, {})}
            send = sent.get(method, me.delete)
            foreign, missing = send(plain(one, ids[0])), send(plain(one, 999999999))
            assert foreign.status_code == 404, (method, one.pattern)
            assert foreign.content == missing.content, (method, one.pattern)
            tried += 1
    assert tried > 30


def test_body_that_names_a_foreign_plant_is_refused(busy: Shop) -> None:
    mine = house("OUR", busy.shop.company.currency, busy.shop.plant.calendar)
    me, line = everywhere(mine.company), busy.line("STOOL", "1", "1")
    orders = SalesOrder.objects.count()
    supplier = Partner.objects.get(code="TIMBER").pk
    question = {name: line[name] for name in ("plant", "material", "quantity", "wanted_on")}
    bought = {"material": line["material"], "quantity": "1", "unit_price": "1", "due_at": "2026-12-01T08:00:00Z"}
    bodies = {
        "erp/sales-orders/": {"customer": busy.shop.customer.pk, "lines": [line]},
        "crm/quotations/": {"customer": busy.shop.customer.pk, "lines": [line]},
        "crm/rush-requests/": question | {"customer": busy.shop.customer.pk},
        "aps/offers/": question,
        "erp/purchase-orders/": {"plant": line["plant"], "supplier": supplier, "lines": [bought]},
        "masterdata/material-plants/": {"material": line["material"], "plant": line["plant"]},
        "masterdata/warehouses/": {"plant": line["plant"], "code": "X", "name": "X"},
        "masterdata/employees/": {"plant": line["plant"], "code": "X", "name": "X", "badge": "X"},
        "masterdata/memberships/": {"user": me.user.pk, "role": "sales", "company": busy.shop.company.pk},
    }
    for address, body in bodies.items():
        answer = me.post(address, body)
        fields = [error["field"].rsplit(".", 1)[-1] for error in answer.json().get("errors", [])]
        assert answer.status_code == 400, address
        assert fields in (["plant"], ["company"]), address
    assert SalesOrder.objects.count() == orders


def test_every_listed_model_says_where_it_belongs() -> None:
    for one in rest():
        if one.view.cls.__dict__.get("queryset") is not None:
            scopes.of(one.view.cls.queryset.model)


def test_supplier_prices_are_shared_and_pegs_belong_nowhere() -> None:
    from django.core.exceptions import ImproperlyConfigured

    from erp.models import Peg

    assert scopes.of(SupplierPrice) is scopes.EVERYBODYS
    with pytest.raises(ImproperlyConfigured):
        scopes.of(Peg)


def test_administrator_gives_nobody_rights_in_another_company_nor_to_themselves(busy: Shop) -> None:
    mine = house("OUR", busy.shop.company.currency, busy.shop.plant.calendar)
    admin = make_caller(mine.company, "admin")
    own = {"user": admin.user.pk, "role": "accountant", "company": mine.company.pk}
    answer = admin.post("masterdata/memberships/", own)
    assert (answer.status_code, answer.json()["code"]) == (409, "own_rights")
    first = [{"role": "sales", "company": busy.shop.company.pk, "plant": None}]
    answer = admin.post("masterdata/users/", {"username": "mole", "memberships": first})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "memberships.0.company")
    first[0]["company"] = mine.company.pk
    made = done(admin.post("masterdata/users/", {"username": "nora", "memberships": first}), 201)
    assert "password" not in made
