"""Imports over REST: upload, look, import, cancel; once per key, limited to whoever imports data there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from masterdata.models import DataImport, Material
from suite.importing import uploads, worker
from tests.api.conftest import Caller, World, make_caller
from tests.suite.desks import FILES, NOW
from tests.suite.uploading import csv_files

Callers = Callable[..., Caller]


@pytest.fixture(autouse=True)
def _nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "send", lambda import_id: True)


def upload(by: Caller, plant_id: int, files: list[Any], key: str = "u1") -> Any:
    headers = {"Authorization": f"Bearer {by.token}"} | ({"Idempotency-Key": key} if key else {})
    return by.client.post("/api/v1/masterdata/imports/", {"files": files, "plant": plant_id}, headers=headers)


def test_a_program_uploads_looks_imports_and_sees_what_was_done(caller: Callers, world: World) -> None:
    admin = caller("admin")
    answer = upload(admin, world.ours.plant.pk, csv_files())
    assert (answer.status_code, answer.json()["state"]) == (201, "checking")
    pk = answer.json()["id"]
    assert answer["Location"] == f"/api/v1/masterdata/imports/{pk}/"
    worker.work(import_id=pk, now=NOW)
    seen = admin.get(f"masterdata/imports/{pk}/")
    assert (seen.json()["state"], seen.json()["fault_count"]) == ("ready", 0)
    counts = {one["entity"]: one["created"] for one in seen.json()["counts"]}
    assert (counts["materials"], counts["boms"]) == (4, 2)
    stale = admin.post(f"masterdata/imports/{pk}/import/", {}, If_Match='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    asked = admin.post(f"masterdata/imports/{pk}/import/", {}, If_Match=seen["ETag"])
    assert (asked.status_code, asked.json()["state"]) == (200, "importing")
    worker.work(import_id=pk, now=NOW)
    assert admin.get(f"masterdata/imports/{pk}/").json()["state"] == "done"
    assert Material.objects.filter(code="DESK").exists()
    over = admin.post(f"masterdata/imports/{pk}/cancel/", {})
    assert (over.status_code, over.json()["code"]) == (409, "import_is_over")


def test_faults_are_rows_to_be_asked_for(caller: Callers, world: World) -> None:
    admin = caller("admin")
    files = csv_files({"units": "code,name\nEA,\nKG,Kilo\nKG,Again\n"})
    pk = upload(admin, world.ours.plant.pk, files).json()["id"]
    worker.work(import_id=pk, now=NOW)
    rows = admin.get("masterdata/import-faults/", run=pk).json()["results"]
    assert [(row["row"], row["column"], row["value"], row["expected"]) for row in rows] == [
        (2, "name", "", "text of 1 to 60 characters"),
        (4, "code", "KG", "each code once; it stands in row 3 already"),
    ]
    refused = admin.post(f"masterdata/imports/{pk}/import/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "import_not_ready")


def test_the_same_upload_twice_is_one_and_another_one_with_its_key_is_told(caller: Callers, world: World) -> None:
    """A form's boundary differs each time; what counts is what is in it."""
    admin, plant = caller("admin"), world.ours.plant.pk
    first = upload(admin, plant, csv_files())
    second = upload(admin, plant, csv_files())
    assert (second.json(), second["Idempotency-Replayed"]) == (first.json(), "true")
    assert DataImport.objects.count() == 1
    other = upload(admin, plant, csv_files({"units": FILES["units"]}))
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    missing = upload(admin, plant, csv_files(), key="")
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize(
    ("file", "code"),
    [(SimpleUploadedFile("a.exe", b"MZ"), "unusable_file"), (SimpleUploadedFile("a.csv", b""), "unusable_file")],
)
def test_a_file_that_cannot_be_meant_is_refused(caller: Callers, world: World, file: Any, code: str) -> None:
    answer = upload(caller("admin"), world.ours.plant.pk, [file])
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["errors"][0]["field"] == "files"


def test_other_roles_and_other_companies_are_kept_out(caller: Callers, world: World) -> None:
    admin, plant = caller("admin"), world.ours.plant.pk
    pk = upload(admin, plant, csv_files()).json()["id"]
    assert upload(caller("buyer"), plant, csv_files()).status_code == 403
    stranger = make_caller(world.theirs.company, "admin")
    assert stranger.get(f"masterdata/imports/{pk}/").status_code == 404
    assert stranger.post(f"masterdata/imports/{pk}/import/", {}).status_code == 404
    assert upload(stranger, plant, csv_files()).status_code == 400
    assert stranger.get("masterdata/import-faults/").json()["count"] == 0
