"""The list page: search, filters, sort, paging, part for htmx, export, empty state."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client
from django.utils.html import format_html
from openpyxl import load_workbook

from masterdata import drawn
from masterdata.models import Material
from masterdata.pages import Html, exports, lists
from tests.pages import exporting

pytestmark = pytest.mark.urls("tests.pages.gallery")
URL = "/gallery/"


def codes(page: str) -> list[str]:
    return re.findall(r'<span class="tl-code id">([^<]+)</span>', page)


def shown(client: Client, query: str = "") -> list[str]:
    return codes(client.get(URL + query).content.decode())


def test_first_page_holds_twenty_in_order(reader: Client, materials: list[Material]) -> None:
    assert shown(reader) == [f"M-{number:03}" for number in range(20)]


def test_last_page_holds_the_rest_and_pages_beyond_are_the_last(reader: Client, materials: list[Material]) -> None:
    """45 rows, 20 a page: the third has 5."""
    assert shown(reader, "?page=3") == [f"M-{number:03}" for number in range(40, 45)]
    assert shown(reader, "?page=99") == shown(reader, "?page=3")
    assert shown(reader, "?page=x") == shown(reader)


def test_more_rows_a_page_can_be_asked_for(reader: Client, materials: list[Material]) -> None:
    """45 rows fit on a page of 50; 7 is no choice, so the page keeps its twenty. The choice stays while one pages."""
    assert len(shown(reader, "?rows=50")) == 45
    assert len(shown(reader, "?rows=7")) == 20
    page = reader.get(URL + "?rows=20&page=2").content.decode()
    assert "?rows=20&amp;page=3" in page
    assert "?rows=80" in page


def test_every_word_of_a_search_must_be_found(reader: Client, materials: list[Material]) -> None:
    """ "4 fjord": the names with a 4 are 4, 14, 24, 34 and 40 to 44: nine; "4 sofa" finds none."""
    assert len(shown(reader, "?q=4+fjord")) == 9
    assert shown(reader, "?q=4+sofa") == []


def test_sort_turns_around_and_listens_to_declared_columns_only(reader: Client, materials: list[Material]) -> None:
    assert shown(reader, "?sort=-list_price")[0] == "M-044"
    assert shown(reader, "?sort=-unit__code")[0] == "M-000"
    page = reader.get(URL + "?sort=list_price").content.decode()
    assert 'aria-sort="ascending"' in page
    assert "sort=-list_price" in page


def test_filters_become_chips_that_take_themselves_away(reader: Client, materials: list[Material]) -> None:
    """Every third of 45 is bought: 15."""
    page = reader.get(URL + "?supply=buy&q=fjord").content.decode()
    assert len(codes(page)) == 15
    assert 'href="?q=fjord" aria-label="Supply Buy: take away"' in page


def test_a_value_that_is_no_choice_filters_nothing(reader: Client, materials: list[Material]) -> None:
    assert len(shown(reader, "?supply=stolen")) == 20


def test_htmx_gets_the_part_alone(reader: Client, materials: list[Material]) -> None:
    answer = reader.get(URL, headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert part.startswith('\n<div id="list"') or part.lstrip().startswith('<div id="list"')
    assert "<html" not in part
    assert answer["Vary"].startswith("HX-Request")


def test_the_list_waits_for_its_topic(reader: Client, materials: list[Material]) -> None:
    assert 'hx-trigger="live:orders from:body"' in reader.get(URL).content.decode()


def test_an_empty_list_says_the_next_step(reader: Client) -> None:
    page = reader.get(URL).content.decode()
    assert "No orders yet" in page
    assert "Accept a quote" in page


def test_a_search_without_hits_offers_to_show_everything(reader: Client, materials: list[Material]) -> None:
    page = reader.get(URL + "?q=nowhere").content.decode()
    assert "Nothing matches" in page
    assert "No orders yet" not in page


def test_what_the_role_may_not_do_is_not_offered(reader: Client, materials: list[Material]) -> None:
    assert "New order" not in reader.get(URL).content.decode()


def test_csv_holds_all_found_rows_and_no_formula(reader: Client, materials: list[Material]) -> None:
    Material.objects.filter(code="M-001").update(code="=1+1")
    answer = reader.get(URL + "?export=csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 46
    assert answer["Content-Disposition"] == 'attachment; filename="orders.csv"'
    assert lines[1].startswith("'=1+1,")


def test_spreadsheet_keeps_numbers_and_neutralises_text(reader: Client, materials: list[Material]) -> None:
    Material.objects.filter(code="M-001").update(code='=HYPERLINK("http://x","y")')
    sheet = load_workbook(io.BytesIO(reader.get(URL + "?export=xlsx&q=Fjord+1").content)).active
    assert sheet is not None
    cell = next(row[0] for row in sheet.iter_rows(min_row=2) if "HYPERLINK" in str(row[0].value))
    assert (cell.data_type, str(cell.value)[0]) == ("s", "'")
    assert {type(row[-1].value) for row in sheet.iter_rows(min_row=2)} <= {int, float}


def test_files_say_what_the_list_shows(reader: Client, materials: list[Material]) -> None:
    """45 rows, searched and sorted like the page; the same cells in both files."""
    assert exporting.wrong_in(reader, URL) == []
    file = reader.get(URL + "?export=csv&supply=buy&sort=-list_price").content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in file[1:]] == shown(reader, "?supply=buy&sort=-list_price")


def test_a_longer_list_says_that_it_was_cut_off(
    reader: Client, materials: list[Material], monkeypatch: pytest.MonkeyPatch
) -> None:
    """10 of 45 rows at most, 4 at a time: ten rows, and a line that says so; 45 of 45 need none."""
    monkeypatch.setattr(exports, "AT_ONCE", 4)
    assert len(reader.get(URL + "?export=csv").content.decode().splitlines()) == 46
    monkeypatch.setattr(exports, "MOST_ROWS", 10)
    lines = reader.get(URL + "?export=csv").content.decode().splitlines()
    assert [line.split(",")[0] for line in lines[1:11]] == [f"M-{number:03}" for number in range(10)]
    assert lines[11:] == ["Cut off after 10 rows: filter the list for the rest."]


def test_a_cell_with_markup_goes_into_a_file_as_its_words() -> None:
    """A link is its text, two parts stay two words, an entity is its sign; a dash that says why is nothing."""
    made = format_html('<a href="/x/">{}</a><small class="second">{}</small>', "A & B", "two")
    assert Html(lambda row: made, "Of").plain(None) == "A & B two"
    assert Html(lambda row: drawn.dash("Nobody's alone"), "Of").plain(None) is None
    assert Html(lambda row: "", "Of").plain(None) is None


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", " =1", "\r=1"])
def test_text_that_could_run_gets_an_apostrophe(text: str) -> None:
    assert exports.neutral(text) == f"'{text}"


def test_numbers_and_plain_text_stay() -> None:
    assert [exports.neutral(value) for value in (-5, "a-b", None, "a\x00b")] == [-5, "a-b", None, "ab"]


def test_who_wants_only_the_rows_gets_no_more(reader: Client, materials: list[Material]) -> None:
    """Search, paging and live refresh put in the rows alone: neither the search field, nor filters, nor the head."""
    headers = {"HX-Request": "true", "HX-Target": "list-rows"}
    page = reader.get(URL + "?page=2", headers=headers).content.decode()
    assert page.startswith('<div id="list-rows"')
    assert codes(page) == [f"M-{number:03}" for number in range(20, 40)]
    assert "list-bar" not in page
    assert "<h1>" not in page
    boosted = reader.get(URL + "?page=2", headers=headers | {"HX-Boosted": "true"}).content.decode()
    assert boosted == page


@pytest.mark.parametrize("query", ["", "?page=3", "?sort=-list_price", "?q=fjord+4", "?supply=buy&page=1", "?q=sofa"])
def test_among_many_rows_the_page_is_the_same(
    query: str, reader: Client, materials: list[Material], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys first, then the rows of these keys: as if they had been read at once."""
    at_once = shown(reader, query)
    monkeypatch.setattr(lists, "MANY", 1)
    assert shown(reader, query) == at_once
