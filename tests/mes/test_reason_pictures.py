"""Each reason has a picture that is found by its words; what no rule knows has its kind's own."""

from __future__ import annotations

import pytest

from masterdata import drawn
from masterdata.models import ReasonCode
from mes.reason_pictures import picture


@pytest.mark.parametrize(
    ("kind", "code", "name", "icon"),
    [
        ("pause", "P-1", "Break", "coffee"),
        ("pause", "P-2", "Waiting for material", "packages"),
        ("pause", "P-3", "Talked to the neighbours", "messages"),
        ("pause", "P-4", "Zzz", "player-pause"),
        ("downtime", "D-AIR", "No extraction", "wind"),
        ("downtime", "D-9", "Zzz", "alert-octagon"),
    ],
)
def test_pauses_and_downtimes_have_icons(kind: str, code: str, name: str, icon: str) -> None:
    assert picture(ReasonCode(kind=kind, code=code, name=name)) == drawn.icon(icon, "ic-32")


def test_faults_of_pieces_are_drawn_and_differ() -> None:
    """Seven kinds of faults, and one picture for all the others."""
    names = [
        "Edge chipped", "Hole off place", "Wrong decor", "Edge loose", "Wrong dimension", "Scratched", "Cracked", "Odd",
    ]  # fmt: skip
    found = [picture(ReasonCode(kind="scrap", code=f"S-{place}", name=name)) for place, name in enumerate(names)]
    assert len(set(found)) == len(names)
    assert all('class="fault"' in one for one in found)
    assert picture(ReasonCode(kind="scrap", code="S-X", name="Other")) == found[-1]
