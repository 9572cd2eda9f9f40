"""The shell: log-in, rights, security policy, plant switch, theme, search, navigation."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from masterdata import search
from masterdata.models import Company, Material, Plant, User
from masterdata.pages import plant_time
from tests.pages.conftest import person

pytestmark = pytest.mark.urls("tests.pages.gallery")


def test_a_stranger_is_sent_to_the_log_in(client: Client, db: None) -> None:
    answer = client.get("/gallery/?q=x")
    assert answer["Location"] == "/login/?next=/gallery/%3Fq%3Dx"


def test_a_part_sends_the_whole_page_to_the_log_in(client: Client, db: None) -> None:
    answer = client.get("/gallery/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/login/?next=/gallery/")


def test_log_in_and_out(client: Client, plants: list[Plant]) -> None:
    person("sara", "sales", plants[0])
    answer = client.post("/login/", {"username": "sara", "password": "a-long-password", "next": "/gallery/"})
    assert answer["Location"] == "/gallery/"
    assert client.get("/").status_code == 200
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    assert client.get("/").status_code == 302


def test_eight_wrong_passwords_lock_the_name(client: Client, plants: list[Plant]) -> None:
    person("sara", "sales", plants[0])
    for _try in range(8):
        answer = client.post("/login/", {"username": "sara", "password": "guess"})
    assert answer.status_code == 429
    assert "Locked for 15 minutes" in answer.content.decode()
    assert client.post("/login/", {"username": "sara", "password": "a-long-password"}).status_code == 429


def test_without_the_right_a_page_is_forbidden_in_plain_words(reader: Client, materials: list[Material]) -> None:
    answer = reader.get(f"/gallery/{materials[0].pk}/edit/")
    assert answer.status_code == 403
    assert "Your role does not include it" in answer.content.decode()


@pytest.mark.parametrize("url", ["/gallery/", "/login/", "/nowhere/"])
def test_no_page_allows_or_needs_inline_code(reader: Client, materials: list[Material], url: str) -> None:
    answer = reader.get(url)
    policy = answer["Content-Security-Policy"]
    page = answer.content.decode()
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<style" not in page
    assert "https://" not in page


def test_the_plant_switch_remembers_a_plant_of_ones_own(editor: Client, plants: list[Plant]) -> None:
    answer = editor.post("/plant/", {"plant": str(plants[1].pk), "next": "/gallery/"})
    assert answer["Location"] == "/gallery/"
    assert "Plant: Chengdu" in editor.get("/").content.decode()
    editor.post("/plant/", {"plant": ""})
    assert "Plant: all plants" in editor.get("/").content.decode()


def test_the_plant_switch_ignores_a_plant_of_somebody_else(editor: Client, plants: list[Plant]) -> None:
    other = Company.objects.create(code="X", name="Other", currency=plants[0].company.currency)
    foreign = Plant.objects.create(company=other, code="XX", name="Elsewhere", calendar=plants[0].calendar)
    editor.post("/plant/", {"plant": str(foreign.pk)})
    assert User.objects.get(username="editor").plant_id is None
    assert "Elsewhere" not in editor.get("/").content.decode()


def test_a_switch_leads_back_to_our_own_pages_only(editor: Client) -> None:
    assert editor.post("/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})["Location"] == "/"


def test_the_theme_is_right_at_the_first_paint(editor: Client) -> None:
    assert "data-theme-auto" in editor.get("/").content.decode()
    editor.post("/theme/", {"theme": "dark"})
    page = editor.get("/").content.decode()
    assert 'data-bs-theme="dark"' in page
    assert "data-theme-auto" not in page


def test_times_are_in_the_plants_zone(editor: Client, plants: list[Plant], materials: list[Material]) -> None:
    """Shanghai is eight hours ahead of UTC; a page with a plant says so, and leaves nothing behind."""
    assert "+08:00" in editor.get(f"/gallery/{materials[0].pk}/").content.decode()
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.fixture
def searched(materials: list[Material]) -> None:
    rows = search.among(
        lambda _user: Material.objects.all(),
        ["code", "name"],
        lambda row: search.Hit(row.code, row.name, f"/gallery/{row.pk}/"),
    )
    search.register(search.Provider("gallery", "Things", "box", "masterdata.edit_material", rows))


def test_search_finds_by_code_as_a_page_and_as_a_part(editor: Client, searched: None) -> None:
    page = editor.get("/search/?q=m-007").content.decode()
    assert "Wardrobe Fjord 7" in page
    assert "Things" in page
    assert "<html" in page
    part = editor.get("/search/?q=m-007", headers={"HX-Request": "true"}).content.decode()
    assert "Wardrobe Fjord 7" in part
    assert "<html" not in part


def test_search_shows_nobody_what_the_role_may_not_see(reader: Client, searched: None) -> None:
    assert "Things" not in reader.get("/search/?q=m-007").content.decode()


def test_navigation_holds_what_the_role_may_use_and_marks_where_we_are(editor: Client) -> None:
    page = editor.get("/").content.decode()
    assert page.count('aria-current="page"') == 1
    assert "Users and roles" not in page


def test_an_address_that_no_text_can_be_is_refused(reader: Client, materials: list[Material]) -> None:
    answer = reader.get("/gallery/?q=%00")
    assert answer.status_code == 400
    assert "That address is broken" in answer.content.decode()


def test_times_are_those_of_the_rows_plant_whatever_plant_one_looks_from(
    rf: RequestFactory, plants: list[Plant]
) -> None:
    """13:00 UTC is 21:00 in Dongguan and 14:00 in Poznań, in winter. A plant that is not seen changes nothing."""
    first, second = plants[:2]
    first.time_zone, second.time_zone = "Asia/Shanghai", "Europe/Warsaw"
    request = rf.get("/")
    request.plants = [first, second]  # type: ignore[attr-defined]
    at = dt.datetime(2026, 11, 28, 13, tzinfo=dt.UTC)
    shown = {}
    for plant_id in (first.pk, second.pk, 0, None):
        with timezone.override(dt.UTC), plant_time(request, plant_id):
            shown[plant_id] = timezone.localtime(at).hour
    assert shown == {first.pk: 21, second.pk: 14, 0: 13, None: 13}
