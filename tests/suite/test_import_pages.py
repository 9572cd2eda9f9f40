"""The pages of imports: upload, look, one click, faults as a file, templates, and who may see what."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from erp import services as erp
from masterdata.models import DataImport, Material
from suite.importing import uploads, worker
from suite.importing.contract import ACCOUNT_ROLES
from tests.suite import uploading
from tests.suite.desks import FILES, NOW
from tests.suite.uploading import csv_files

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "send", lambda import_id: True)


@pytest.fixture
def plant() -> Any:
    return uploading.plant()


@pytest.fixture
def admin(plant: Any, client: Client) -> Client:
    client.force_login(uploading.person(plant))
    return client


def upload(client: Client, plant: Any, files: list[Any], key: str = "k1") -> Any:
    return client.post(
        reverse("suite:import_upload"), {"files": files, "plant": plant.pk, "shift_days": "", "idempotency_key": key}
    )


def test_an_administrator_uploads_looks_and_imports(admin: Client, plant: Any) -> None:
    answer = upload(admin, plant, csv_files())
    run = DataImport.objects.get()
    assert answer["Location"] == reverse("suite:import", args=[run.pk])
    page = admin.get(answer["Location"]).content.decode()
    assert "Waits for the worker" in page
    assert "Cancel import" in page
    part = reverse("suite:import_now", args=[run.pk])
    assert "Waits for the worker" in admin.get(part).content.decode()
    worker.work(import_id=run.pk, now=NOW)
    ended = admin.get(part)  # asked every three seconds: a hint of the stream may come before the page listens
    assert (ended.status_code, ended["HX-Redirect"]) == (204, answer["Location"])
    page = admin.get(answer["Location"]).content.decode()
    assert "No faults. Importing writes" in page
    run.refresh_from_db()
    deed = reverse("suite:import_do", args=[run.pk])
    assert admin.post(deed, {"version": run.version, "idempotency_key": "k2"}).status_code == 302
    worker.work(import_id=run.pk, now=NOW)
    page = admin.get(answer["Location"]).content.decode()
    assert "Imported: " in page
    assert "Sales order lines" in page
    assert "DESK" in admin.get(f"{answer['Location']}?tab=rows").content.decode()
    assert Material.objects.count() == 4
    listed = admin.get(reverse("suite:imports")).content.decode()
    assert "ada" in listed
    assert "materials.csv" in listed


def test_faults_stand_on_the_page_and_in_a_file(admin: Client, plant: Any) -> None:
    """Two faults; the CSV has a header and two lines, and neutralises what a spreadsheet would run."""
    files = {**FILES, "boms": FILES["boms"].replace("TOP,BOARD,2,EA", "TOP,=BOARD,-2,EA")}
    upload(admin, plant, csv_files(files))
    run = DataImport.objects.get()
    worker.work(import_id=run.pk, now=NOW)
    page = admin.get(reverse("suite:import", args=[run.pk])).content.decode()
    assert "2 faults: nothing was imported." in page
    assert "a material that stands in materials.csv or exists already" in page
    assert "Import now" not in page
    text = admin.get(reverse("suite:import_faults", args=[run.pk]), {"export": "csv"}).content.decode("utf-8-sig")
    lines = text.strip().splitlines()
    assert lines[0] == "File,Row,Column,Found,Expected"
    assert len(lines) == 3
    assert lines[2].startswith("boms.csv,3,component_code,'=BOARD,")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ([], "This field is required."),
        ([uploading.SimpleUploadedFile("old.xls", b"x")], "save it as an Excel workbook (.xlsx) first"),
        ([uploading.SimpleUploadedFile("units.csv", b"")], "units.csv is empty."),
    ],
)
def test_what_cannot_be_uploaded_is_said_at_the_field(admin: Client, plant: Any, files: list[Any], says: str) -> None:
    answer = upload(admin, plant, files)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert 'id="id_files_error"' in answer.content.decode()


def test_a_form_sent_twice_uploads_once(admin: Client, plant: Any) -> None:
    first = upload(admin, plant, csv_files())
    second = upload(admin, plant, csv_files())
    assert first["Location"] == second["Location"]
    assert DataImport.objects.count() == 1


def test_templates_are_there_to_be_filled_in(admin: Client) -> None:
    page = admin.get(reverse("suite:import_upload")).content.decode()
    for name in ("boms.csv", "throughline.xlsx"):
        assert reverse("suite:import_template", args=[name]) in page
    answer = admin.get(reverse("suite:import_template", args=["throughline.xlsx"]))
    assert load_workbook(io.BytesIO(answer.content)).sheetnames[:2] == ["about", "accounts"]
    assert admin.get(reverse("suite:import_template", args=["other.xlsx"])).status_code == 404


def test_other_roles_and_other_companies_see_nothing(client: Client, plant: Any) -> None:
    """A buyer is refused; an administrator of another company finds neither the import nor the plant to choose."""
    by = uploading.person(plant)
    run = uploading.uploaded(by, plant, *csv_files())
    page = reverse("suite:import", args=[run.pk])
    client.force_login(uploading.person(plant, "buyer", "bert"))
    assert client.get(page).status_code == client.get(reverse("suite:imports")).status_code == 403
    client.force_login(uploading.person(uploading.plant("ELSEWHERE"), name="elsa"))
    for name in ("import", "import_now", "import_faults"):
        assert client.get(reverse(f"suite:{name}", args=[run.pk])).status_code == 404
    for name in ("import_do", "import_cancel", "import_again"):
        assert client.post(reverse(f"suite:{name}", args=[run.pk])).status_code == 404
    assert upload(client, plant, csv_files()).status_code == 422


def test_cancelling_by_the_button(admin: Client, plant: Any) -> None:
    upload(admin, plant, csv_files())
    run = DataImport.objects.get()
    admin.post(reverse("suite:import_cancel", args=[run.pk]), {"idempotency_key": "c1"})
    assert (
        "It was cancelled; nothing was imported." in admin.get(reverse("suite:import", args=[run.pk])).content.decode()
    )


def test_roles_of_accounts_are_those_that_postings_know() -> None:
    assert set(ACCOUNT_ROLES) == set(erp.CHART)
