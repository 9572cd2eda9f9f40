"""Answers are compressed for whoever takes that, and say the same."""

from __future__ import annotations

import gzip

from django.test import Client
from django.urls import reverse

from tests.erp.shop import Shop
from tests.pages.conftest import person


def test_a_page_is_a_fraction_on_the_wire(client: Client, db: None) -> None:
    """Not compared byte by byte: each answer has a token of its own."""
    shop = Shop()
    client.force_login(person("sara", "sales", shop.plant))
    plain = client.get(reverse("erp:orders"))
    packed = client.get(reverse("erp:orders"), headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain
    assert len(packed.content) * 2 < len(plain.content)
    assert b"Orders" in gzip.decompress(packed.content)
    assert "Accept-Encoding" in packed["Vary"]


def test_the_stream_of_live_events_is_not_held_up(client: Client, db: None) -> None:
    shop = Shop()
    client.force_login(person("sara", "sales", shop.plant))
    stream = client.get(reverse("suite:live"), headers={"Accept-Encoding": "gzip"})
    assert stream["Content-Type"].startswith("text/event-stream")
    assert "Content-Encoding" not in stream
    stream.close()
