"""Holds and blocking checks over REST: no time that a report claims, and no last piece, goes past them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from erp.models import WorkOrderOperation
from mes import services as mes
from mes.models import CheckPlan, CheckResult, Quarantine
from tests.mes.hall import Hall, hall, step
from tests.mes.laboratory import WIDTH, plan


class Desk:
    """A shift lead's REST calls about one saw job."""

    def __init__(self, client: Client, quantity: str) -> None:
        self.shop: Hall = hall()
        self.saw: WorkOrderOperation = step(self.shop.shelves(quantity), 10)
        self.client = client
        client.force_login(self.shop.person("shift_lead"))

    def tap(self, deed: str, minutes_ago: float, **more: Any) -> tuple[int, str]:
        """Status and code of a tap that claims to be so old."""
        body = {
            "event_id": str(uuid.uuid4()),
            "machine": self.shop.machine("SAW-1"),
            "happened_at": (timezone.now() - dt.timedelta(minutes=minutes_ago)).isoformat(),
            **more,
        }
        url = f"/api/v1/mes/operations/{self.saw.pk}/{deed}/"
        return self._said(self.client.post(url, body, "application/json"))

    def check(self, checks: CheckPlan, width: str = "400.0", **more: Any) -> tuple[int, str]:
        """Status and code of a check of the width."""
        row = checks.characteristics.get()
        body = {"plan": checks.pk, "operation": self.saw.pk, "values": [{"characteristic": row.pk, "value": width}]}
        headers = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}
        return self._said(
            self.client.post("/api/v1/mes/check-results/", body | more, "application/json", **headers)  # type: ignore[arg-type]
        )

    @staticmethod
    def _said(answer: Any) -> tuple[int, str]:
        return answer.status_code, answer.json().get("code", "")


def test_a_held_job_takes_no_report_that_claims_to_be_older(client: Client) -> None:
    """Held now; a report, an end and a resume of half a minute ago are refused as those of now are."""
    desk = Desk(client, "10")
    checks = plan(desk.shop, WIDTH, is_blocking=False)
    assert desk.tap("start", 5) == (200, "")
    assert desk.check(checks, "402.0") == (201, "")
    for deed, more in (("report", {"good_qty": "10"}), ("finish", {}), ("resume", {})):
        assert [desk.tap(deed, ago, **more) for ago in (0.5, 3, 0)] == [(409, "quality_hold")] * 3
    assert step(desk.saw.work_order, 10).good_qty == 0


@pytest.mark.parametrize(
    ("quantity", "every_n", "passes"),
    [("1", None, 0), ("2", 1, 1), ("2", None, 1)],
)
def test_the_last_piece_is_not_reported_unchecked(
    client: Client, quantity: str, every_n: int | None, passes: int
) -> None:
    """First piece of one: its report ends the job, so the check comes before it. Every piece of two: the first may be
    checked after its report, the second may not. First piece of two: as ever, after its report and before the next."""
    desk = Desk(client, quantity)
    checks = plan(desk.shop, WIDTH, every_n=every_n)
    desk.tap("start", 5)
    for _ in range(passes):
        assert desk.tap("report", 4, good_qty="1") == (200, "")
        assert desk.tap("report", 3, good_qty="1") == (409, "check_due")
        assert desk.check(checks, piece=1) == (201, "")
    if every_n or not passes:
        assert desk.tap("report", 2, good_qty="1") == (409, "check_due")
        assert desk.check(checks) == (201, "")
    assert desk.tap("report", 1, good_qty="1") == (200, "")
    assert step(desk.saw.work_order, 10).finished_at is not None


@pytest.mark.parametrize("days", [1 / 24, -3650])
def test_a_check_is_made_neither_later_nor_years_ago(client: Client, days: float) -> None:
    desk = Desk(client, "10")
    checks = plan(desk.shop, WIDTH)
    desk.tap("start", 5)
    at = timezone.now() + dt.timedelta(days=days)
    assert desk.check(checks, checked_at=at.isoformat()) == (409, "wrong_time")
    assert not CheckResult.objects.exists()
    assert desk.check(checks, checked_at=(timezone.now() - dt.timedelta(minutes=1)).isoformat()) == (201, "")


def test_what_was_kept_for_a_check_counts_when_the_office_records_it(client: Client) -> None:
    """Offline two pieces were made past the first piece's check; it had been done in time and is entered later."""
    desk = Desk(client, "10")
    checks = plan(desk.shop, WIDTH)
    assert desk.tap("start", 9) == (200, "")
    ago = timezone.now() - dt.timedelta(minutes=2)
    report = replace(desk.shop.event(desk.saw, "SAW-1", 0, "2"), kind="report", happened_at=ago)
    kept = mes.take(event=report, now=timezone.now(), is_late=True)
    assert (kept.status, kept.code) == ("quarantined", "check_due")
    assert desk.check(checks, checked_at=(ago - dt.timedelta(minutes=3)).isoformat()) == (201, "")
    assert Quarantine.objects.get().state == "accepted"
    assert step(desk.saw.work_order, 10).good_qty == 2
