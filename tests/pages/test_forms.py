"""Forms and deeds: refusals at their field, a stale version shown beside what is there, a form sent twice."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from masterdata.models import Material

pytestmark = pytest.mark.urls("tests.pages.gallery")


def typed(**changes: str) -> dict[str, str]:
    return {"code": "M-000", "name": "Wardrobe Alta", "list_price": "120", "supply": "make", "version": "1"} | changes


def test_a_saved_form_leads_to_the_row(editor: Client, materials: list[Material]) -> None:
    row = materials[0]
    answer = editor.post(f"/gallery/{row.pk}/edit/", typed())
    assert (answer.status_code, answer["Location"]) == (302, f"/gallery/{row.pk}/")
    row.refresh_from_db()
    assert (row.name, row.version) == ("Wardrobe Alta", 2)


def test_decimals_are_shown_as_one_types_them(editor: Client, materials: list[Material]) -> None:
    assert 'value="100"' in editor.get(f"/gallery/{materials[0].pk}/edit/").content.decode()


def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(editor: Client, materials: list[Material]) -> None:
    answer = editor.post(f"/gallery/{materials[0].pk}/edit/", typed(name="taken", list_price="77"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(r'id="id_name_error">.*Another material has this name', page, re.DOTALL)
    assert 'value="77"' in page


@pytest.mark.parametrize("change", [{"version": "0"}, {"name": "raced"}])
def test_a_stale_form_shows_both_and_writes_nothing(
    editor: Client, materials: list[Material], change: dict[str, str]
) -> None:
    answer = editor.post(f"/gallery/{materials[0].pk}/edit/", typed(list_price="77", **change))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "There now" in page
    assert "<td>Wardrobe Fjord 0</td>" in page
    assert 'name="version" value="1"' in page
    assert Material.objects.get(pk=materials[0].pk).name == "Wardrobe Fjord 0"


def test_a_form_sent_twice_has_one_effect(editor: Client, materials: list[Material]) -> None:
    form = typed(code="NEW", idempotency_key="one")
    first = editor.post("/gallery/new/", form)
    again = editor.post("/gallery/new/", form)
    assert first["Location"] == again["Location"]
    assert Material.objects.filter(code="NEW").count() == 1


def test_a_key_used_for_other_values_is_refused(editor: Client, materials: list[Material]) -> None:
    editor.post("/gallery/new/", typed(code="NEW", idempotency_key="one"))
    answer = editor.post("/gallery/new/", typed(code="OTHER", idempotency_key="one"))
    assert answer.status_code == 422
    assert "already sent with other values" in answer.content.decode()
    assert not Material.objects.filter(code="OTHER").exists()


def test_a_refused_form_may_be_sent_again_with_its_key(editor: Client, materials: list[Material]) -> None:
    url = f"/gallery/{materials[0].pk}/edit/"
    assert editor.post(url, typed(name="taken", idempotency_key="one")).status_code == 422
    assert editor.post(url, typed(name="free", idempotency_key="one")).status_code == 302


def test_a_deed_is_done_once_and_says_so(editor: Client, materials: list[Material]) -> None:
    url = f"/gallery/{materials[1].pk}/hold/"
    for _time in range(2):
        answer = editor.post(url, {"idempotency_key": "one"}, headers={"Referer": "http://testserver/gallery/"})
        assert answer["Location"] == "http://testserver/gallery/"
    assert Material.objects.get(pk=materials[1].pk).version == 2
    assert "Held." in editor.get("/gallery/").content.decode()


def test_a_refused_deed_says_why(editor: Client, materials: list[Material]) -> None:
    editor.post(f"/gallery/{materials[0].pk}/hold/")
    page = editor.get("/gallery/").content.decode()
    assert "Bought materials cannot be held." in page
    assert 'class="note is-error"' in page


def test_a_deed_sends_nobody_to_a_stranger(editor: Client, materials: list[Material]) -> None:
    answer = editor.post(f"/gallery/{materials[1].pk}/hold/", headers={"Referer": "https://elsewhere.example/"})
    assert answer["Location"] == "/"


def test_a_deed_cannot_be_done_by_a_link(editor: Client, materials: list[Material]) -> None:
    assert editor.get(f"/gallery/{materials[1].pk}/hold/").status_code == 405
