"""Quality's pages and REST through the front door: who may, what is written, what a refusal says."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp.models import WorkOrderOperation
from mes import services as mes
from mes.models import CheckPlan, CheckResult, Gauge, NonConformance, QualityHold
from tests.mes.hall import Hall, hall, step
from tests.mes.laboratory import D, fault, plan

PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


@pytest.fixture
def shop() -> Hall:
    """A hall with an active plan of the saws."""
    shop = hall()
    plan(shop)
    return shop


@pytest.fixture
def saw(shop: Hall) -> WorkOrderOperation:
    """A saw job that runs for an hour by the clock."""
    saw = step(shop.shelves(), 10)
    now = timezone.now()
    event = shop.event(saw, "SAW-1", 0)
    event = type(event)(**{**{name: getattr(event, name) for name in event.__dataclass_fields__},
                           "happened_at": now - dt.timedelta(hours=1)})  # fmt: skip
    mes.start(event=event, now=now)
    return saw


@pytest.fixture
def quality(client: Client, shop: Hall) -> Client:
    client.force_login(shop.person("quality"))
    return client


def key() -> dict[str, str]:
    return {"idempotency_key": uuid.uuid4().hex}


def text(answer: Any) -> str:
    """The page as one reads it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def check_url(saw: WorkOrderOperation) -> str:
    return reverse("mes:record_check", args=[saw.pk, CheckPlan.objects.get().pk])


def check_fields(width: str, edge: str = "good") -> dict[str, str]:
    one, two = CheckPlan.objects.get().characteristics.order_by("line_no")
    return {f"value_{one.pk}_1": width, f"value_{two.pk}_1": edge, "piece_no": "1", **key()}


def test_a_check_at_a_page_that_finds_a_fault(quality: Client, saw: WorkOrderOperation) -> None:
    """Due on the start page, recorded, out of tolerance: held and to be decided; released with what was done."""
    start = text(quality.get(reverse("mes:quality")))
    assert "1 check is due" in start
    assert "due on piece 1" in start
    answer = quality.post(check_url(saw), check_fields("401.0"), follow=True)
    assert "Out of tolerance" in text(answer)
    start = text(quality.get(reverse("mes:quality")))
    assert "1 operation is held" in start
    assert "1 non-conformance waits for a decision" in start
    hold = QualityHold.objects.get()
    url = reverse("mes:release_hold", args=[hold.pk])
    assert quality.post(url, {"reason": "", **key()}).status_code == 422
    assert "the operation can go on" in text(quality.post(url, {"reason": "Stop set anew", **key()}, follow=True))
    hold.refresh_from_db()
    assert (hold.note, hold.released_by.username) == ("Stop set anew", "quality")


def test_the_same_form_twice_is_one_check(quality: Client, saw: WorkOrderOperation) -> None:
    fields = check_fields("400.0")
    first, again = (quality.post(check_url(saw), fields) for _ in range(2))
    assert (first.status_code, again.status_code, first["Location"]) == (302, 302, again["Location"])
    assert CheckResult.objects.count() == 1


def test_a_wrong_value_is_said_and_what_was_typed_stays(quality: Client, saw: WorkOrderOperation) -> None:
    answer = quality.post(check_url(saw), check_fields("400.123"))
    assert answer.status_code == 422
    assert "at most 1 decimals" in text(answer)
    assert "400.123" in answer.content.decode()


def test_a_plan_is_written_activated_and_renewed(quality: Client, shop: Hall) -> None:
    centre = shop.shop.centres["PACK"]
    new = reverse("mes:new_check_plan", args=[shop.shop.plant.pk])
    fields = {"code": "cp-2", "name": "Carton", "work_centre": centre.pk, "trigger": "at_count", "first_piece": "on",
              "on_fault": "raise", "rules": ["1", "2"], **key()}  # fmt: skip
    answer = quality.post(new, fields, follow=True)
    assert "Nothing is checked yet" in text(answer)
    row = CheckPlan.objects.get(code="CP-2")
    assert row.rules == [1, 2]
    add = reverse("mes:add_characteristic", args=[row.pk])
    one = {"name": "Gap", "kind": "measured", "unit": "mm", "upper": "0.2", "decimals": "2", "subgroup": "3", **key()}
    assert "Gap" in text(quality.post(add, one, follow=True))
    change = reverse("mes:change_characteristic", args=[row.characteristics.get().pk])
    assert 'value="0.2"' in quality.get(change).content.decode()
    quality.post(change, one | {"name": "Gap of the lid", **key()})
    assert "Active" in text(quality.post(reverse("mes:activate_check_plan", args=[row.pk]), key(), follow=True))
    answer = quality.post(add, one | key())
    assert "Make a new version of it" in text(answer)
    quality.post(reverse("mes:renew_check_plan", args=[row.pk]), key())
    draft = CheckPlan.objects.get(code="CP-2", version_no=2)
    quality.post(reverse("mes:change_check_plan", args=[draft.pk]), fields | {"name": "Cartons", **key()})
    quality.post(reverse("mes:remove_characteristic", args=[draft.characteristics.get().pk]), key())
    answer = quality.post(reverse("mes:activate_check_plan", args=[draft.pk]), key(), follow=True)
    assert "this plan checks nothing" in text(answer)
    quality.post(reverse("mes:retire_check_plan", args=[row.pk]), key())
    row.refresh_from_db()
    assert row.state == "retired"
    assert "CP-2" in text(quality.get(reverse("mes:check_plans")))


def test_gauges(quality: Client, shop: Hall) -> None:
    new = reverse("mes:new_gauge", args=[shop.shop.plant.pk])
    quality.post(new, {"code": "g-1", "name": "Caliper", "interval_days": "90", "is_active": "on", **key()})
    gauge = Gauge.objects.get()
    assert "Not calibrated" in text(quality.get(reverse("mes:gauges")))
    today = timezone.localdate()
    calibrate = reverse("mes:calibrate", args=[gauge.pk])
    page = text(quality.post(calibrate, {"done_on": today.isoformat(), "certificate": "DK-1", **key()}, follow=True))
    assert "DK-1" in page
    gauge.refresh_from_db()
    assert gauge.valid_until == today + dt.timedelta(days=90)
    quality.post(reverse("mes:change_gauge", args=[gauge.pk]), {"name": "Long caliper", "interval_days": "60", **key()})
    gauge.refresh_from_db()
    assert (gauge.name, gauge.is_active) == ("Long caliper", False)


def test_a_nonconformance_from_the_page_to_its_end(quality: Client, shop: Hall, saw: WorkOrderOperation) -> None:
    """Raised with a photo and a hold, scrapped, closed; the page shows what it cost and that the pieces are scrap."""
    assert saw.work_order.number in text(quality.get(reverse("mes:raise")))
    url = reverse("mes:raise_of_operation", args=[saw.pk])
    fields = {"quantity": "2", "severity": "major", "text": "Cracked", "holds": "on",
              "photo": SimpleUploadedFile("a.png", PNG, "image/png"), **key()}  # fmt: skip
    page = text(quality.post(url, fields, follow=True))
    row = NonConformance.objects.get()
    assert "Nothing is decided yet" in page
    assert f"{row.number}: Cracked." in page
    photo = quality.get(reverse("mes:quality_photo", args=[row.photos.get().photo_id]))
    assert (photo.content, photo["Content-Type"]) == (PNG, "image/png")
    decide = reverse("mes:decide", args=[row.pk])
    assert "Choose the defect" in text(quality.post(decide, {"kind": "scrap", "quantity": "2", **key()}))
    chip = shop.reasons["S-CHIP"].pk
    page = text(quality.post(decide, {"kind": "scrap", "quantity": "2", "defect": chip, **key()}, follow=True))
    assert "Report at the operation" in page
    assert step(saw.work_order, 10).scrap_qty == 2
    close = reverse("mes:close_nonconformance", args=[row.pk])
    page = text(
        quality.post(close, {"cause": "Dull blade", "corrective_action": "Blade by hours", **key()}, follow=True)
    )
    assert "Dull blade" in page
    for by in ("defect", "material", "machine", "month", "order"):
        assert "1 non-conformance" in text(quality.get(reverse("mes:poor_quality"), {"by": by}))


def test_rework_without_saying_what_is_refused_at_its_field(
    quality: Client, shop: Hall, saw: WorkOrderOperation
) -> None:
    row = mes.raise_nonconformance(operation_id=saw.pk, quantity=D(1), at=timezone.now(), text="Rough")
    url = reverse("mes:decide", args=[row.pk])
    assert '<option value="" selected>Choose what becomes of them' in quality.get(url).content.decode()
    assert quality.post(url, {"kind": "", "quantity": "1", **key()}).status_code == 422
    answer = quality.post(url, {"kind": "rework", "quantity": "1", **key()})
    assert "Say what is done to the pieces, and where." in text(answer)
    fields = {"kind": "rework", "quantity": "1", "name": "Sand", "work_centre": shop.shop.centres["SAW"].pk,
              "run_min_per_unit": "4", **key()}  # fmt: skip
    quality.post(url, fields)
    assert saw.rework_steps.get().name == "Sand"


def test_a_file_that_is_no_photo_is_refused(quality: Client, saw: WorkOrderOperation) -> None:
    fields = {"quantity": "1", "severity": "minor", "text": "Dent",
              "photo": SimpleUploadedFile("a.png", b"<svg/>", "image/png"), **key()}  # fmt: skip
    answer = quality.post(reverse("mes:raise_of_operation", args=[saw.pk]), fields)
    assert "Choose a photo" in text(answer)


def test_the_control_chart_says_in_words_what_its_shapes_say(
    quality: Client, shop: Hall, saw: WorkOrderOperation
) -> None:
    """Three values, the last out of tolerance: a triangle in the chart, the words in the table."""
    row = CheckPlan.objects.get()
    width, edge = row.characteristics.order_by("line_no")
    assert "Too few checks" in text(quality.get(reverse("mes:spc")))
    for number, value in enumerate(("400.0", "400.1", "401.0")):
        mes.record_check(
            plan_id=row.pk, operation_id=saw.pk, now=timezone.now(), source=mes.Source(), piece_no=number + 1,
            values=[mes.ValueInput(characteristic_id=width.pk, value=D(value)),
                    mes.ValueInput(characteristic_id=edge.pk, is_good=True)],
        )  # fmt: skip
    page = quality.get(reverse("mes:spc_of", args=[width.pk]), {"machine": shop.machine("SAW-1")})
    assert page.content.decode().count('class="p-triangle"') == 2  # the point and the key
    assert "out of tolerance" in page.content.decode()
    assert "400.0" in text(page)
    other = quality.get(reverse("mes:spc_of", args=[width.pk]), {"machine": shop.machine("SAW-2")})
    assert "Too few checks" in text(other)


def test_who_may_do_what(client: Client, shop: Hall, saw: WorkOrderOperation) -> None:
    """An operator records and raises; a shift lead also releases; neither decides nor writes plans; sales sees none."""
    row = fault(shop, saw, "1", 5)
    hold = mes.hold_operation(operation_id=saw.pk, reason="Wait.", at=timezone.now(), nonconformance_id=row.pk)
    decide, release = reverse("mes:decide", args=[row.pk]), reverse("mes:release_hold", args=[hold.pk])
    new, cost = reverse("mes:new_check_plan", args=[shop.shop.plant.pk]), reverse("mes:poor_quality")
    for role, expected in (
        ("operator", (200, 200, 403, 403, 403, 403)),
        ("shift_lead", (200, 200, 403, 200, 403, 403)),
        ("planner", (200, 403, 403, 403, 403, 200)),
        ("sales", (403, 403, 403, 403, 403, 403)),
    ):
        client.force_login(shop.person(role))
        urls = (reverse("mes:quality"), check_url(saw), decide, release, new, cost)
        assert tuple(client.get(url).status_code for url in urls) == expected, role


def test_quality_over_rest(quality: Client, shop: Hall, saw: WorkOrderOperation) -> None:
    """A plan with its characteristics, a check that is due and recorded, and a non-conformance to its end."""

    def post(path: str, body: dict[str, Any], status: int = 200) -> Any:
        answer = quality.post(f"/api/v1/mes/{path}/", body, content_type="application/json")
        assert answer.status_code == status, answer.content
        return answer.json() if answer.content else None

    body = {"plant": shop.shop.plant.pk, "code": "CP-3", "name": "Gap", "work_centre": shop.shop.centres["SAW"].pk,
            "characteristics": [{"name": "Gap", "upper": "0.2"}]}  # fmt: skip
    made = post("check-plans", body, 201)
    assert post(f"check-plans/{made['id']}/activate", {})["state"] == "active"
    refused = post(f"check-plans/{made['id']}/add-characteristic", {"name": "X", "upper": "1"}, 409)
    assert refused["code"] == "check_plan_fixed"
    due = quality.get(f"/api/v1/mes/operation-checks/{saw.pk}/due/").json()
    assert {one["code"] for one in due} == {"CP-1", "CP-3"}
    value = {"characteristic": made["characteristics"][0]["id"], "value": "0.30"}
    result = post("check-results", {"plan": made["id"], "operation": saw.pk, "values": [value]}, 201)
    assert (result["verdict"], result["piece_no"]) == ("tolerance", 1)
    chart = quality.get(f"/api/v1/mes/characteristics/{value['characteristic']}/control-chart/").json()
    assert chart["subgroups"][0]["values"] == [0.3]
    (hold,) = quality.get("/api/v1/mes/quality-holds/", {"released_at__isnull": "true"}).json()["results"]
    assert post(f"quality-holds/{hold['id']}/release", {"note": "Set anew"})["released_by"] is not None
    row = NonConformance.objects.get()
    found = post(f"nonconformances/{row.pk}/dispose", {"kind": "use", "quantity": "1"})
    assert (found["state"], found["dispositions"][0]["kind"]) == ("decided", "use")
    closed = post(f"nonconformances/{row.pk}/close", {"cause": "Dust", "corrective_action": "Blown out"})
    assert closed["state"] == "closed"
    assert quality.get(f"/api/v1/mes/nonconformances/{row.pk}/cost/").json()["total"] == "0.000000"
    days = {"since": "2026-01-01", "until": "2099-12-31"}
    assert post("nonconformances/pareto", {"by": "machine", **days})["bars"][0]["key"] == "SAW-1"
    assert post("nonconformances/suppliers", days) == {"suppliers": []}
    refused = post("nonconformances", {"operation": saw.pk, "quantity": "0", "text": "x"}, 400)
    assert refused["code"] == "invalid_input"
