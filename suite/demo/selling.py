"""What sales has at hand in the demo: price lists, limits, and quotations that wait for a customer or an approval."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from crm import services as crm
from crm.models import Quotation
from masterdata.models import MaterialCategory, User
from suite.demo.factory import Demo

D = Decimal


def tell(demo: Demo, users: dict[str, User]) -> None:
    """Before planning is asked: prices, and drafts whose dates planning then offers."""
    _prices(demo)
    _write(demo, users, "TBL-RIV200-OAK", 6, 0, note="Oiled, without drawers")
    _write(demo, users, "TBL-RIV160-OAK", 12, 1, discount_percent=D(18))


def send(demo: Demo, users: dict[str, User]) -> None:
    """After planning has answered: one goes out, is revised and goes out again; by the new limits one waits."""
    sent, asked = _mine(users)
    by, now = users["sara"], demo.now
    crm.send_quotation(quotation_id=sent.pk, now=now - dt.timedelta(minutes=50), by=by)
    crm.revise_quotation(quotation_id=sent.pk, now=now - dt.timedelta(minutes=30), by=by)
    _sweeten(sent, now - dt.timedelta(minutes=25), by)
    crm.send_quotation(quotation_id=sent.pk, now=now - dt.timedelta(minutes=20), by=by)
    crm.set_sales_policy(company=demo.company, floor_percent=D(20), discount_limit_percent=D(12))
    crm.ask_approval(
        quotation_id=asked.pk, note="They plan three more shops next year", now=now - dt.timedelta(minutes=10), by=by
    )


def _sweeten(sent: Quotation, now: dt.datetime, by: User) -> None:
    """What differs in the second revision: 2 % off all, and the option cheaper; the dates stay as they were offered."""
    same = (
        "plant_id", "material_id", "quantity", "wanted_on", "offered_at", "offered_cost", "offered_cause", "plan_no",
        "is_option", "note",
    )  # fmt: skip
    lines = [
        crm.QuotationLineInput(**{name: getattr(line, name) for name in same}, discount_percent=D(5 * line.is_option))
        for line in sent.lines.order_by("line_no")
    ]
    terms = crm.QuotationTerms(discount_percent=D(2), incoterm=sent.incoterm, note=sent.note)
    crm.rewrite_quotation(quotation_id=sent.pk, lines=lines, now=now, by=by, terms=terms)


def _mine(users: dict[str, User]) -> list[Quotation]:
    """The two that `tell` wrote, in that order."""
    return list(
        Quotation.objects.filter(customer_reference__startswith="Tender ", made_by=users["sara"]).order_by("pk")
    )


def _prices(demo: Demo) -> None:
    dealers = crm.write_customer_group(code="DEALER", name="Dealers")
    for customer in demo.customers[:4]:
        crm.set_customer_terms(customer=customer, group=dealers, incoterm="DAP", incoterm_place="")
    tables = MaterialCategory.objects.get(name="Tables")
    begins = dt.date(timezone.localdate(demo.now).year, 1, 1)
    everybody = crm.PriceListInput(
        name=f"List {begins.year}", company=demo.company, currency=demo.company.currency, valid_from=begins
    )
    rules = [
        crm.PriceRuleInput(category_id=tables.pk, from_quantity=D(10), percent_off=D(4)),
        crm.PriceRuleInput(from_quantity=D(25), percent_off=D(6)),
    ]
    _list(everybody, rules)
    for_dealers = crm.PriceListInput(
        name="Dealers", company=demo.company, currency=demo.company.currency, valid_from=begins, group=dealers
    )
    _list(
        for_dealers, [crm.PriceRuleInput(percent_off=D(8)), crm.PriceRuleInput(from_quantity=D(20), percent_off=D(11))]
    )
    own = demo.customers[0]
    table = demo.materials["TBL-RIV200-OAK"]
    agreed = crm.PriceListInput(
        name=f"Agreed with {own.name}", company=demo.company, currency=demo.company.currency, valid_from=begins,
        customer=own,
    )  # fmt: skip
    _list(agreed, [crm.PriceRuleInput(material_id=table.pk, fixed_price=table.list_price * D("0.9"))])


def _list(given: crm.PriceListInput, rules: list[crm.PriceRuleInput]) -> None:
    row = crm.write_price_list(given=given)
    crm.set_price_rules(price_list_id=row.pk, rules=rules)


def _write(demo: Demo, users: dict[str, User], code: str, quantity: int, number: int, **more: Any) -> None:
    """A quotation of one table, and a larger one as an option."""
    wanted_on = (demo.now + dt.timedelta(days=40)).date()
    plant = demo.plants["PZ"].pk

    def line(of: str, pieces: int, **said: Any) -> crm.QuotationLineInput:
        return crm.QuotationLineInput(
            plant_id=plant, material_id=demo.materials[of].pk, quantity=D(pieces), wanted_on=wanted_on, **said
        )

    crm.write_quotation(
        customer_id=demo.customers[number].pk,
        lines=[line(code, quantity, **more), line("TBL-RIV240-OAK", 1, is_option=True, note="For the board room")],
        now=demo.now - dt.timedelta(hours=3),
        by=users["sara"],
        customer_reference=f"Tender {number + 1}",
        terms=crm.QuotationTerms(note="Prices include assembly on the ground floor."),
    )
