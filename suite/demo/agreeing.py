"""Contracts and webhooks of the demo: what is agreed, called off and planned, and a system that was told of it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from crm import services as crm
from crm.models import CallOff, Contract, ContractLine
from erp.models import SalesOrderLine
from masterdata import services as masterdata
from masterdata.models import FactRecord, User, WebhookDelivery, WebhookEndpoint
from suite.demo.factory import Demo

TOLD = 24
DAY = dt.timedelta(days=1)
Lines = dict[tuple[int, int], list[SalesOrderLine]]


def tell(demo: Demo, users: dict[str, User]) -> None:
    """The customers that order most have a frame agreement; one ends soon, one is a draft."""
    open_lines: dict[int, Lines] = defaultdict(lambda: defaultdict(list))
    rows = SalesOrderLine.objects.filter(order__confirmed_at__isnull=False, order__cancelled_at=None, quantity__gt=0)
    for row in rows.select_related("order").order_by("pk"):
        open_lines[row.order.customer_id][row.plant_id, row.material_id].append(row)
    busiest = sorted(open_lines, key=lambda pk: (-sum(map(len, open_lines[pk].values())), pk))
    for number, customer_id in enumerate(busiest[:4]):
        _agree(demo, users["sara"], customer_id, open_lines[customer_id], number)
    _told(demo, users["admin"])


def _agree(demo: Demo, sara: User, customer_id: int, ordered: Lines, number: int) -> None:
    """A year, twice to four times what is ordered; agreed days before it begins, and what was ordered since stands as
    called off."""
    today = demo.now.date()
    first = today - dt.timedelta(days=(120, 345, 60, 0)[number])
    now = demo.now - dt.timedelta(days=(130, 355, 70, 0)[number])
    kept = dict(list(ordered.items())[:3])
    contract = crm.write_contract(
        customer_id=customer_id,
        currency_id=next(iter(kept.values()))[0].order.currency_id,
        terms=crm.ContractTerms(
            title=("Hotel rooms", "Office programme", "Shop fittings", "Next year")[number],
            valid_from=first,
            valid_to=first + dt.timedelta(days=365),
            renewal=(Contract.Renewal.ASK, Contract.Renewal.AUTO, Contract.Renewal.NONE, Contract.Renewal.ASK)[number],
            renewal_percent=Decimal("2.5"),
            tolerance_percent=Decimal(5),
            owner_id=sara.pk,
        ),
        lines=[_line(key, rows, 2 + number) for key, rows in kept.items()],
        now=now,
        by=sara,
    )
    if number == 3:
        return
    crm.release_contract(contract_id=contract.pk, now=now + DAY, by=sara)
    lines = {(line.plant_id, line.material_id): line for line in contract.lines.order_by("line_no")}
    CallOff.objects.bulk_create(
        CallOff(contract_line=lines[key], order_line=row, made_at=row.order.made_at, made_by=sara)
        for key, rows in kept.items()
        for row in rows
    )
    if number == 0:
        _plan(demo, sara, contract, next(iter(lines.values())))


def _line(key: tuple[int, int], rows: list[SalesOrderLine], times: int) -> crm.ContractLineInput:
    total = sum((row.quantity for row in rows), Decimal(0))
    price = rows[0].unit_price
    return crm.ContractLineInput(
        plant_id=key[0],
        material_id=key[1],
        agreed_qty=total * times,
        unit_price=price,
        prices=[(total + 10, round(price * Decimal("0.96"), 2))],
    )


def _plan(demo: Demo, sara: User, contract: Contract, line: ContractLine) -> None:
    """Ten each month, and an amendment that agreed to more."""
    days = [demo.now.date() + dt.timedelta(days=30 * month) for month in range(1, 5)]
    planned = [crm.PlannedLine(line.pk, day, Decimal(10)) for day in days]
    crm.plan_call_offs(contract_id=contract.pk, lines=planned, now=demo.now, by=sara)
    crm.amend_contract(
        contract_id=contract.pk,
        reason="Two more hotels",
        terms={"tolerance_percent": Decimal(10)},
        now=demo.now,
        by=sara,
    )


def _told(demo: Demo, admin: User) -> None:
    """An endpoint that was told of the latest facts; paused, so that the demo calls nobody."""
    endpoint = masterdata.make_endpoint(
        company=demo.company, name="Data warehouse", url="https://hooks.example.com/throughline", now=demo.now, by=admin
    ).endpoint
    told = list(
        FactRecord.objects.filter(kind__in=["OrderConfirmed", "PlanPublished"]).order_by("-stated_at", "pk")[:TOLD]
    )
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            endpoint=endpoint,
            fact=fact,
            event_id=fact.pk,
            kind=fact.kind,
            sequence_no=number,
            state=WebhookDelivery.State.DONE,
            attempts=1 + (number % 7 == 0),
            made_at=fact.stated_at,
            next_at=fact.stated_at,
            status=200,
            duration_ms=40 + number * 7 % 60,
            done_at=demo.now,
        )
        for number, fact in enumerate(reversed(told), start=1)
    )
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(last_no=len(told))
    masterdata.pause_endpoint(endpoint_id=endpoint.pk)
