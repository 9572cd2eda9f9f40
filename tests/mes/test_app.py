"""What the tablet keeps: its files, its machine's snapshot, and who may ask for them."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from dataclasses import replace
from decimal import Decimal

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from erp.models import WorkOrder
from masterdata.models import Employee, Machine, Skill, SkillRequirement, WorkCentre
from masterdata.services import set_pin
from mes import services as mes
from mes.models import Device, SkillOverride
from mes.services.parts import ShapeInput
from mes.views.shell import shell
from tests.mes import laboratory
from tests.mes.hall import Hall, hall, step

SNAPSHOT = "/tablet/SAW-1/snapshot/"


@pytest.fixture
def shop(db: None) -> Hall:
    shop = hall()
    orders = [shop.shelves(), shop.shelves("4", is_ordered=True)]
    shop.tell((step(orders[0], 10), "SAW-1", 0, 60), (step(orders[1], 10), "SAW-1", 60, 120))
    shop.operator.user = shop.person("operator")
    shop.operator.save()
    return shop


def queries_of(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(SNAPSHOT)
    return len(captured)


def test_the_service_worker_names_files_that_are_there_and_may_serve_the_tablet(client: Client) -> None:
    answer = client.get("/tablet/sw.js")
    assert answer["Service-Worker-Allowed"] == "/tablet/"
    assert answer["Content-Type"].startswith("text/javascript")
    found = re.search(r"const FILES = (\[.*?\]);", answer.content.decode())
    assert found is not None
    files = json.loads(found[1])
    assert [url for url in files if finders.find(url.removeprefix("/static/")) is None] == []
    assert {"/static/mes/app/main.js", "/static/mes/app.css", "/static/suite/tokens.css"} <= set(files)
    assert {"/static/npm/barcode-detector/ponyfill.js", "/static/npm/zxing/zxing_reader.wasm"} <= set(files)
    assert f'const VERSION = "{shell()[0]}"' in answer.content.decode()


def test_every_file_that_a_tablet_page_loads_is_kept(client: Client, shop: Hall) -> None:
    client.force_login(shop.operator.user)
    page = client.get("/tablet/SAW-1/").content.decode()
    loaded = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))
    assert "/static/mes/drawing.css" in loaded
    assert loaded - set(shell()[1]) == set()


def test_the_reader_of_codes_may_run_on_the_tablet_alone(client: Client, shop: Hall) -> None:
    """WebAssembly of our own address, no script made of text; no other page may do either."""
    client.force_login(shop.operator.user)
    answer = client.get("/tablet/SAW-1/")
    assert "script-src 'self' 'wasm-unsafe-eval'" in answer["Content-Security-Policy"]
    assert "wasm" not in client.get("/tablet/?choose=1")["Content-Security-Policy"]
    page = answer.content.decode()
    for name in ("data-reader", "data-reader-wasm"):
        assert re.search(rf'{name}="([^"]+)"', page)[1] in shell()[1]  # type: ignore[index]


def test_the_manifest_can_be_installed(client: Client) -> None:
    manifest = client.get("/tablet/app.webmanifest").json()
    assert (manifest["scope"], manifest["display"]) == ("/tablet/", "standalone")
    assert {one["sizes"] for one in manifest["icons"]} == {"any", "192x192", "512x512"}
    assert all(finders.find(one["src"].removeprefix("/static/")) for one in manifest["icons"])


def test_the_snapshot_holds_the_list_in_plan_order_with_all_that_a_job_shows(client: Client, shop: Hall) -> None:
    """10 shelves for stock take 20 boards, then 4 for an order take 8."""
    client.force_login(shop.operator.user)
    set_pin(employee_id=shop.operator.pk, pin="4711")
    told = client.get(SNAPSHOT).json()
    assert [job["quantity"] for job in told["jobs"]] == ["10", "4"]
    first, second = told["jobs"]
    assert (first["name"], first["state"], first["order"], first["input"]) == ("Saw", "planned", "", "10")
    assert [(part["code"], part["quantity"]) for part in first["parts"]] == [("BOARD", "20")]
    assert next((one["name"], one["machine"]) for one in first["steps"]) == ("Saw", "SAW-1")
    assert second["order"]
    assert "<svg" in second["rail"]
    assert told["machine"]["code"] == "SAW-1"
    assert told["user_employee"] == shop.operator.pk
    assert told["lots"] == {str(first["parts"][0]["material"]): []}
    assert told["may"] == {"work": True, "report": True, "stop": True}
    assert [one["name"] for one in told["reasons"]["scrap"]] == ["Edge chipped"]
    assert all("<svg" in one["picture"] for kind in told["reasons"].values() for one in kind)
    person = told["people"][0]
    assert person["badge"] == hashlib.sha256(f"badge-{person['id']}:B-1001".encode()).hexdigest()
    assert person["pin"]["rounds"] >= 100_000
    assert "B-1001" not in json.dumps(told)


def test_every_job_is_told_where_its_drawing_is_and_what_stands_there_never_changes(client: Client, shop: Hall) -> None:
    """A shelf of 600 x 400 without an instruction: both jobs name one address, which draws it; of another shape it is
    another address, and the old one is gone. At the other saw nobody makes shelves."""
    client.force_login(shop.operator.user)
    assert [job["how"] for job in client.get(SNAPSHOT).json()["jobs"]] == [None, None]
    shelf = WorkOrder.objects.earliest("pk").material_id
    shape = ShapeInput(length_mm=Decimal(600), width_mm=Decimal(400), thickness_mm=Decimal(18))
    mes.write_shape(material_id=shelf, shape=shape)
    first, second = (job["how"]["url"] for job in client.get(SNAPSHOT).json()["jobs"])
    assert first == second
    answer = client.get(first)
    assert "immutable" in answer["Cache-Control"]
    how = answer.json()
    assert (how["version"], how["steps"]) == (None, [])
    assert ">600</text>" in how["svg"]
    assert client.get(first.replace("SAW-1", "SAW-2")).status_code == 404
    mes.write_shape(material_id=shelf, shape=replace(shape, length_mm=Decimal(640)))
    assert client.get(first).status_code == 404
    other = client.get(SNAPSHOT).json()["jobs"][0]["how"]["url"]
    assert ">640</text>" in client.get(other).json()["svg"]


def test_the_snapshot_takes_as_many_queries_for_ten_jobs_as_for_two(client: Client, shop: Hall) -> None:
    client.force_login(shop.operator.user)
    two = queries_of(client)
    more = [step(shop.shelves("2"), 10) for _ in range(8)]
    shop.tell(*((operation, "SAW-1", 200 + place, 201 + place) for place, operation in enumerate(more)), plan_no=1)
    assert len(client.get(SNAPSHOT).json()["jobs"]) >= 8
    assert queries_of(client) <= two


def test_other_roles_and_strangers_get_no_snapshot(client: Client, shop: Hall) -> None:
    assert client.get(SNAPSHOT).status_code == 302
    client.force_login(shop.person("buyer"))
    assert client.get(SNAPSHOT).status_code == 403


def test_a_pin_is_asked_of_the_server(client: Client, shop: Hall) -> None:
    set_pin(employee_id=shop.operator.pk, pin="4711")
    client.force_login(shop.operator.user)
    url = reverse("mes:check_pin")
    assert client.post(url, {"employee": shop.operator.pk, "pin": "4711"}).status_code == 200
    wrong = client.post(url, {"employee": shop.operator.pk, "pin": "4712"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "pin_wrong")
    assert client.post(url, {"employee": "999999", "pin": "4711"}).status_code == 404


def test_a_shift_lead_lets_somebody_work_without_the_skill_by_pin(client: Client, shop: Hall) -> None:
    """Nobody without the right, without a PIN, with the wrong PIN or for oneself; then the lead, and it stands with
    the reason."""
    skill = Skill.objects.create(code="SAW-A", name="Panel saw licence")
    SkillRequirement.objects.create(work_centre=WorkCentre.objects.get(code="SAW"), skill=skill)
    lead = Employee.objects.create(
        code="E8", name="Zhao Min", badge="B-1008", plant=shop.shop.plant, user=shop.person("shift_lead")
    )
    client.force_login(shop.operator.user)
    url = reverse("mes:allow_by_pin", args=["SAW-1"])
    given = {
        "lead": lead.pk, "pin": "4711", "person": shop.operator.pk, "reason": "Zhao Min stands beside",
        "operation": step(WorkOrder.objects.earliest("pk"), 10).pk,
    }  # fmt: skip
    assert client.get(SNAPSHOT).json()["leads"] == []
    assert client.post(url, given | {"pin": ""}).json()["code"] == "no_pin"
    set_pin(employee_id=lead.pk, pin="4711")
    set_pin(employee_id=shop.operator.pk, pin="4712")
    assert client.get(SNAPSHOT).json()["leads"] == [lead.pk]
    assert client.post(url, given | {"pin": "4712"}).json()["code"] == "pin_wrong"
    for lacks, status in (
        ({"lead": shop.operator.pk, "pin": "4712"}, 403), ({"person": lead.pk}, 400), ({"reason": " "}, 400)
    ):  # fmt: skip
        assert client.post(url, given | lacks).status_code == status
    assert client.post(url, given | {"operation": 999_999}).status_code == 404
    assert not SkillOverride.objects.exists()
    assert client.post(url, given).json() == {"code": "", "sentence": ""}
    row = SkillOverride.objects.get()
    assert (row.person, row.by, row.reason) == (shop.operator, lead.user, "Zhao Min stands beside")


def test_a_code_makes_a_tablet_that_needs_no_log_in_until_it_is_revoked(shop: Hall) -> None:
    lead, now = shop.person("shift_lead"), timezone.now()
    saw = Machine.objects.get(pk=shop.machine("SAW-1"))
    _row, code = mes.offer_enrolment(name="Saw 1", plant=shop.shop.plant, by=lead, now=now, machine=saw)
    tablet = Client()
    assert tablet.get("/tablet/SAW-1/").status_code == 302
    assert "code of eight digits" in tablet.get(f"/tablet/enrol/?code={code}").content.decode().lower()
    wrong = tablet.post("/tablet/enrol/", {"code": "00000000"})
    assert "not known, was used or is older" in wrong.content.decode()
    uid = uuid.uuid4()
    answer = tablet.post("/tablet/enrol/", {"code": code, "uid": str(uid)})
    assert answer.url == "/tablet/SAW-1/"
    assert answer.cookies["device"]["httponly"]
    assert tablet.get("/tablet/SAW-1/").status_code == 200
    assert tablet.get(SNAPSHOT).json()["machine"]["code"] == "SAW-1"
    assert tablet.get(f"/floor/strip/{shop.shop.plant.pk}/").status_code == 200
    assert tablet.get("/orders/").status_code == 302
    assert Client().post("/tablet/enrol/", {"code": code}).status_code == 409
    device = Device.objects.get(uid=uid)
    mes.revoke_device(device_id=device.pk, now=now)
    assert tablet.get("/tablet/SAW-1/").status_code == 302
    page = tablet.get("/tablet/SAW-1/", follow=True).content.decode()
    assert "This tablet was revoked" in page
    assert 'href="/tablet/enrol/"' in page
    assert "/tablet/enrol/" not in Client().get("/login/?next=/orders/").content.decode()


def test_a_check_that_is_due_is_told_and_made_at_the_tablet(client: Client, shop: Hall) -> None:
    """The first piece is to be measured, 399.5 to 400.5 mm, with a gauge that is named by its code: 400 and a good edge
    are told over the queue, and nothing is due any more."""
    client.force_login(shop.operator.user)
    laboratory.plan(shop)
    laboratory.gauge(shop)
    first = step(WorkOrder.objects.earliest("pk"), 10)
    mes.start(event=replace(shop.event(first, "SAW-1", 0), happened_at=timezone.now()), now=timezone.now())
    job = client.get(SNAPSHOT).json()["jobs"][0]
    due = job["checks"][0]
    assert (due["name"], due["piece"], due["is_due"], job["is_held"]) == ("Panel", 1, True, False)
    width, edge = due["characteristics"]
    assert (width["kind"], width["lower"], width["upper"], edge["kind"]) == ("measured", "399.5", "400.5", "attribute")
    now = timezone.now().isoformat()
    values = [
        {"characteristic": width["line"], "sample": 1, "value": "400"},
        {"characteristic": edge["line"], "is_good": True},
    ]
    event = {
        "id": str(uuid.uuid4()), "seq": 1, "kind": "check", "at": now, "operation": job["id"],
        "machine": shop.machine("SAW-1"), "operator": shop.operator.pk, "is_online": True,
        "payload": {"plan": due["plan"], "piece": due["piece"], "values": values, "gauge": "g-1"},
    }  # fmt: skip
    body = {"device": str(uuid.uuid4()), "plant": shop.shop.plant.pk, "sent_at": now, "events": [event]}
    answer = client.post("/api/v1/mes/sync/", body, "application/json").json()["answers"][0]
    assert answer["status"] == "applied", answer
    told = client.get(SNAPSHOT).json()
    assert told["jobs"][0]["checks"] == []
    assert event["id"] in told["known"]


def test_setup_begins_and_ends_over_rest_and_the_tablet_shows_it(client: Client, shop: Hall) -> None:
    """SETUP, then START: the run is in setup until then; the job that is set up stands first on the list."""
    client.force_login(shop.operator.user)
    first, second = WorkOrder.objects.order_by("pk")
    job = step(second, 10).pk

    def post(name: str) -> str:
        body = {
            "event_id": str(uuid.uuid4()), "machine": shop.machine("SAW-1"), "operator": shop.operator.pk,
            "happened_at": timezone.now().isoformat(),
        }  # fmt: skip
        answer = client.post(f"/api/v1/mes/operations/{job}/{name}/", body, "application/json")
        return str(answer.json().get("state") or answer.json().get("code"))

    assert post("setup") == "setup"
    told = client.get(SNAPSHOT).json()
    assert [(one["id"], one["state"]) for one in told["jobs"]] == [(job, "setup"), (step(first, 10).pk, "planned")]
    assert told["machine"]["state"] == "setup"
    assert post("setup") == "already_started"
    assert post("start") == "running"
    assert client.get(SNAPSHOT).json()["machine"]["state"] == "producing"
