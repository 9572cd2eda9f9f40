"""The drawing of a panel: figures of its dimension lines, symbols, and what can't be made."""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree

import pytest

from mes.drawing import Edges, Groove, Holes, Panel, WrongPanel, chain_of, draw, holes_by_kind

D = Decimal
ROW = Holes(D(352), D(37), D(5), D(12), 49, D(32))
SIDE = Panel(
    "Side panel, left", D(2360), D(580), D(18), "length", Edges(front=D(1), back=D("0.4")),
    [ROW, Holes(D(79), D(96), D(8), D(12)), Holes(D(79), D(128), D(10), D(13))],
    [Groove(D(0), D(560), D(2360), D("8.2"), D(10))],
)  # fmt: skip


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314


def test_whole_and_chain_are_written_at_the_panel() -> None:
    """Along the length: 79 to the first holes, 273 on to the row at 352, 48 x 32 = 1536 to 1888, 472 to the end."""
    found = texts(draw(SIDE))
    for figure in ("2360", "580", "79", "273", "48 × 32 = 1536", "472"):
        assert figure in found
    chain = chain_of(D(2360), [(row.x, row.places[-1][0], row) for row in SIDE.holes], is_upright=False)
    assert sum(end - start for start, end, _ in chain) == 2360


def test_the_legend_counts_holes_by_diameter_and_depth() -> None:
    assert holes_by_kind(SIDE.holes) == [(5, 12, 49), (8, 12, 1), (10, 13, 1)]
    found = texts(draw(SIDE))
    assert {"Ø 5, 12 deep", "49 ×", "Groove 8.2, 10 deep", "1 mm edge", "0.4 mm edge", "18 mm thick"} <= set(found)


def test_symbols_differ_by_shape() -> None:
    svg = draw(SIDE)
    assert svg.count('r="2.2"') == 49 + 1  # and once in the legend
    assert svg.count('class="ring"') == 2
    assert svg.count("l4.5 4.5l-4.5 4.5l-4.5 -4.5z") == 2


def test_it_is_drawn_in_proportion() -> None:
    """2360 x 580 mm into 680 x 230: 680 / 2360 = 0.2881 a millimetre, 167.1 high."""
    assert 'width="680.0" height="167.1"' in draw(SIDE)


def test_names_are_no_markup() -> None:
    svg = draw(Panel("<script>&", D(100), D(100), D(18)))
    assert "<script>" not in svg
    ElementTree.fromstring(svg)  # noqa: S314


@pytest.mark.parametrize(
    ("panel", "said"),
    [
        (Panel("x", D(0), D(10), D(18)), "above zero"),
        (Panel("x", D(100), D(100), D(18), holes=[Holes(D(90), D(10), D(5), D(12), 3, D(32))]), "outside"),
        (Panel("x", D(100), D(100), D(18), holes=[Holes(D(9), D(10), D(5), D(19))]), "deep"),
        (Panel("x", D(100), D(100), D(18), grooves=[Groove(D(0), D(95), D(100), D(8), D(10))]), "outside"),
        (Panel("x", D(100), D(100), D(18), grooves=[Groove(D(0), D(5), D(100), D(8), D(18))]), "less deep"),
    ],
)
def test_what_cannot_be_made_is_refused(panel: Panel, said: str) -> None:
    with pytest.raises(WrongPanel, match=said):
        draw(panel)
