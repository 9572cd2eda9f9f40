"""Labels: chosen on one page, printed as PDF or ZPL, over REST as plain text."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from masterdata.models import Machine
from mes.zpl import Tag, zpl
from tests.mes.hall import Hall, hall


@pytest.fixture
def shop() -> Hall:
    return hall()


def test_zpl_has_size_codes_and_copies() -> None:
    """100 x 62 mm at 8 dots a millimetre: 800 x 496."""
    label = zpl([Tag("L-123", "Glue", "L-123", [("Material", "GLU")])], copies=3)
    assert label.startswith("^XA^CI28^PW800^LL496")
    assert "^BQN,2,7^FH_^FDQA,L-123^FS" in label
    assert "^BCN,99,Y,N,N^FH_^FDL-123^FS" in label
    assert label.endswith("^PQ3^XZ\n")


def test_what_somebody_typed_is_no_command_to_the_printer() -> None:
    label = zpl([Tag("A^XZ~JA_", "x", "B^FD>")])
    assert "A_5EXZ_7EJA_5F" in label
    assert label.count("^XZ") == 1
    assert "B_5EFD_3E0^FS" in label


def test_the_page_prints_what_was_ticked(shop: Hall, client: Client) -> None:
    client.force_login(shop.person("shift_lead"))
    for kind in ("lots", "work-orders", "places", "machines", "badges"):
        assert client.get(reverse("mes:labels"), {"kind": kind}).status_code == 200
    page = client.get(reverse("mes:labels"), {"kind": "machines", "q": "SAW-1"}).content.decode()
    assert page.count('name="id"') == 1
    pk = Machine.objects.get(code="SAW-1").pk
    pdf = client.get(reverse("mes:labels_print"), {"kind": "machines", "id": pk, "copies": 2, "as": "pdf"})
    assert pdf.content.startswith(b"%PDF")
    text = client.get(reverse("mes:labels_print"), {"kind": "machines", "id": pk, "as": "zpl", "size": "small"})
    assert "^FDQA,SAW-1^FS" in text.content.decode()
    assert client.get(reverse("mes:labels_print"), {"kind": "machines"}).status_code == 302


def test_badges_are_for_who_keeps_the_people(shop: Hall, client: Client) -> None:
    client.force_login(shop.person("warehouse"))
    asked = {"kind": "badges", "id": shop.operator.pk, "as": "zpl"}
    assert client.get(reverse("mes:labels_print"), asked).status_code == 302
    assert shop.operator.badge not in client.get(reverse("mes:labels"), {"kind": "badges"}).content.decode()


def test_labels_over_rest_are_plain_text(shop: Hall, client: Client) -> None:
    client.force_login(shop.person("shift_lead"))
    pk = Machine.objects.get(code="SAW-1").pk
    body = {"kind": "machines", "ids": [pk], "copies": 2}
    answer = client.post("/api/v1/mes/labels/zpl/", body, "application/json")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.content.decode().count("^FDQA,SAW-1^FS") == 1
    assert "^PQ2^XZ" in answer.content.decode()
    unknown = client.post("/api/v1/mes/labels/zpl/", body | {"ids": [10**9]}, "application/json")
    assert (unknown.status_code, unknown.json()["code"]) == (400, "invalid_input")
