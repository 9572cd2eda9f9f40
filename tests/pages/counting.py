"""How many queries a page may take: pinned in query_counts.json, so that a query per row is seen at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

PINNED = Path(__file__).with_name("query_counts.json")


def pinned() -> dict[str, int]:
    """URL name -> queries."""
    counts: dict[str, int] = json.loads(PINNED.read_text())
    return counts


@contextmanager
def assert_query_count(page_name: str, count: int | None = None) -> Iterator[None]:
    """Fail unless the page takes as many queries as pinned (or as `count` says); the message shows them all."""
    wanted = pinned().get(page_name) if count is None else count
    with CaptureQueriesContext(connection) as captured:
        yield
    queries = "\n".join(query["sql"][:200] for query in captured.captured_queries)
    assert len(captured) == wanted, (
        f"{page_name} took {len(captured)} queries, {PINNED.name} says {wanted}. If that is right, change the pin.\n"
        + queries
    )
