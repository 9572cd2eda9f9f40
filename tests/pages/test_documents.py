"""The document page: header, line, Why?, tabs, timeline; and parts inside it that keep to themselves."""

from __future__ import annotations

import pytest
from django.test import Client

from masterdata.models import Material

pytestmark = pytest.mark.urls("tests.pages.gallery")


def test_a_document_shows_its_line_its_dates_and_what_happened(editor: Client, materials: list[Material]) -> None:
    page = editor.get(f"/gallery/{materials[0].pk}/").content.decode()
    assert page.count('class="rail-bar"') == 9
    assert "2 days late" in page
    assert "PL-01 stopped, E-207 pump pressure" in page
    assert 'hx-get="/gallery/why/"' in page


def test_parts_inside_a_live_document_do_not_inherit_how_it_swaps(editor: Client, materials: list[Material]) -> None:
    """Else a part's answer would be searched for the whole document, and the part would vanish."""
    for url in ("/gallery/", f"/gallery/{materials[0].pk}/"):
        page = editor.get(url).content.decode()
        assert 'hx-swap="outerHTML" hx-disinherit="*"' in page


def test_the_asked_tab_is_the_current_one_and_an_unknown_one_is_the_first(
    editor: Client, materials: list[Material]
) -> None:
    url = f"/gallery/{materials[0].pk}/"
    assert 'href="?tab=lines" aria-current="page"' in editor.get(url + "?tab=lines").content.decode()
    assert 'href="?tab=overview" aria-current="page"' in editor.get(url + "?tab=nothing").content.decode()


def test_why_is_a_chain_that_ends_in_its_cause(editor: Client) -> None:
    part = editor.get("/gallery/why/").content.decode()
    assert part.index("Ready to ship") < part.index('<li class="root">') < part.index("PL-01 stopped")


def test_a_missing_row_is_not_found(editor: Client) -> None:
    assert editor.get("/gallery/0/").status_code == 404
