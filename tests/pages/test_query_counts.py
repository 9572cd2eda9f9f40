"""Pages take the pinned number of queries, however many rows they show."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from masterdata.models import Material
from tests.pages.counting import assert_query_count

pytestmark = pytest.mark.urls("tests.pages.gallery")


def test_the_list_takes_its_pinned_queries(editor: Client, materials: list[Material]) -> None:
    """Session, user, memberships, plants of the companies, plants of the page: 5; view counts, count, rows: 3."""
    with assert_query_count("gallery:orders"):
        editor.get(reverse("gallery:orders"))


@pytest.mark.parametrize("url_name", ["gallery:order", "gallery:edit"])
def test_a_document_takes_its_pinned_queries(editor: Client, materials: list[Material], url_name: str) -> None:
    """The five of every page, and the row."""
    with assert_query_count(url_name):
        editor.get(reverse(url_name, args=[materials[0].pk]))


@pytest.mark.parametrize("url_name", ["suite:home", "suite:search"])
def test_the_shell_takes_its_pinned_queries(editor: Client, url_name: str) -> None:
    with assert_query_count(url_name):
        editor.get(reverse(url_name))


def test_a_query_too_many_is_caught(editor: Client) -> None:
    with pytest.raises(AssertionError, match="took 6 queries"), assert_query_count("suite:home", 1):
        editor.get(reverse("suite:home"))
