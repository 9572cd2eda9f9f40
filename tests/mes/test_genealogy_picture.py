"""Where the boxes of a genealogy stand: right of what they came from, circles cut, full columns shortened."""

from __future__ import annotations

from mes.genealogy_picture import BETWEEN_COLUMNS, HEIGHT, MARGIN, MOST, WIDTH, lay_out, levels

CHAIN = [("oil", "stool"), ("board", "seat"), ("seat", "stool"), ("stool", "shipment")]


def test_a_column_is_the_longest_way_and_beginnings_stand_beside_what_they_go_into() -> None:
    """board 0, seat 1, stool 2, shipment 3; oil goes into the stool alone and stands just left of it, at 1."""
    keys = ["board", "oil", "seat", "shipment", "stool"]
    assert levels(keys, sorted(CHAIN)) == {"board": 0, "oil": 1, "seat": 1, "stool": 2, "shipment": 3}


def test_boxes_stand_in_their_columns_and_curves_lead_from_side_to_side() -> None:
    picture = lay_out(keys={"a", "b"}, links=[("a", "b")])
    first, second = picture.boxes
    assert (first.x, second.x) == (MARGIN, MARGIN + WIDTH + BETWEEN_COLUMNS)
    assert picture.width == 2 * MARGIN + 2 * WIDTH + BETWEEN_COLUMNS
    assert picture.height == 2 * MARGIN + HEIGHT
    assert picture.curves[0].path.startswith(f"M{first.x + WIDTH} {first.middle_y} C")
    assert picture.curves[0].path.endswith(f"{second.x} {second.middle_y}")


def test_a_circle_is_drawn_and_ends() -> None:
    """Rework takes a lot and gives it back."""
    picture = lay_out(keys={"lot", "work"}, links=[("lot", "work"), ("work", "lot")])
    assert len(picture.curves) == 2
    assert {box.x for box in picture.boxes} == {MARGIN, MARGIN + WIDTH + BETWEEN_COLUMNS}


def test_a_full_column_says_how_many_more_there_are_and_keeps_what_was_asked_for() -> None:
    keys = {"oil", *(f"s{number:02d}" for number in range(40))}
    picture = lay_out(keys=keys, links=[("oil", key) for key in keys if key != "oil"], starts=["s39"])
    more = [box for box in picture.boxes if not box.key]
    assert [box.more for box in more] == [40 - (MOST - 1)]
    assert "s39" in {box.key for box in picture.boxes}


def test_nothing_is_an_empty_picture() -> None:
    picture = lay_out(keys=[], links=[])
    assert (picture.boxes, picture.curves) == ([], [])
