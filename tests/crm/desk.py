"""What sales does at its pages: types a line, asks, writes."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aps import services as aps
from crm.models import RushOption, RushRequest
from masterdata.models import FlowRun
from suite.flows import runner
from tests.flows.workshop import Workshop


def settle(shop: Workshop) -> None:
    """Run what waits and plan, until nothing waits."""
    for _ in range(6):
        waiting = list(FlowRun.objects.filter(state=FlowRun.State.WAITING).order_by("pk").values_list("pk", flat=True))
        if not waiting:
            return
        for run_id in waiting:
            runner.run(run_id)
        aps.plan_plant(plant_id=shop.plant.pk, now=timezone.now(), holder="test")


def soon(days: int = 10) -> str:
    return (timezone.now().date() + dt.timedelta(days=days)).isoformat()


def typed(key: str = "n1", **change: str) -> dict[str, str]:
    """A line as the form sends it."""
    given = {"material": "Stool Rive · STOOL", "plant": "", "quantity": "2", "unit_price": "", "wanted_on": soon()}
    return {"line": key} | {f"lines-{key}-{name}": value for name, value in (given | change).items()}


def offer(client: Client, line: dict[str, str]) -> str:
    answer = client.post(reverse("suite:quote_live"), line)
    assert answer.status_code == 200
    return answer.content.decode()


def sealed(part: str) -> str:
    found = re.search(r'name="lines-n1-offer" value="([^"]+)"', part)
    assert found, part
    return found[1]


def write(client: Client, line: dict[str, str], **terms: str) -> Any:
    given = {"customer": "Nordhaus · NORD", "customer_reference": "4500-1", "valid_until": "", **terms}
    return client.post(reverse("crm:quotation_create"), given | line)


def ask(client: Client, **change: str) -> RushRequest:
    given = {
        "customer": "HARB",
        "material": "STOOL",
        "plant": "",
        "quantity": "2",
        "unit_price": "120",
        "wanted_on": soon(0),
    }
    answer = client.post(reverse("suite:rush_ask"), given | change)
    assert answer.status_code == 302, answer.content.decode()
    return RushRequest.objects.get(pk=answer["Location"].strip("/").split("/")[-1])


def card(request: RushRequest, key: str) -> RushOption:
    return RushOption.objects.get(request=request, answer_no=request.answer_no, key=key)
