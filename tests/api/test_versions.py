"""Rows that count versions are not changed blindly."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.conftest import Caller, World

Callers = Callable[..., Caller]


def test_version_is_the_etag(caller: Callers, world: World) -> None:
    answer = caller("sales").get(f"masterdata/partners/{world.partner.pk}/")
    assert (answer["ETag"], answer.json()["version"]) == ('"1"', 1)


def test_change_with_the_version_read_counts_one_more(caller: Callers, world: World) -> None:
    answer = caller("sales").patch(f"masterdata/partners/{world.partner.pk}/", {"name": "New"}, If_Match='"1"')
    assert (answer.status_code, answer["ETag"], answer.json()["name"]) == (200, '"2"', "New")


def test_change_of_a_version_that_is_gone_is_412_and_changes_nothing(caller: Callers, world: World) -> None:
    seller = caller("sales")
    path = f"masterdata/partners/{world.partner.pk}/"
    seller.patch(path, {"name": "First"}, If_Match='"1"')
    answer = seller.patch(path, {"name": "Second"}, If_Match='"1"')
    assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")
    assert answer.json()["values"] == {"version": 2}
    assert seller.get(path).json()["name"] == "First"


def test_change_without_a_version_is_428(caller: Callers, world: World) -> None:
    answer = caller("sales").patch(f"masterdata/partners/{world.partner.pk}/", {"name": "New"})
    assert (answer.status_code, answer.json()["code"]) == (428, "version_missing")


def test_version_that_is_no_etag_is_400(caller: Callers, world: World) -> None:
    answer = caller("sales").patch(f"masterdata/partners/{world.partner.pk}/", {"name": "New"}, If_Match='"one"')
    assert answer.status_code == 400


def test_rows_without_versions_need_none(caller: Callers, world: World) -> None:
    path = f"masterdata/plants/{world.ours.plant.pk}/"
    assert caller("admin").patch(path, {"name": "Main plant"}).json()["name"] == "Main plant"


def test_field_that_is_fixed_at_creation_is_not_changed(caller: Callers, world: World) -> None:
    path = f"masterdata/materials/{world.material.pk}/"
    answer = caller("planner").patch(path, {"unit": world.unit.pk}, If_Match='"1"')
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "read_only")
