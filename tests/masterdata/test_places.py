"""Places lie in places of their plant, and never in themselves."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection

from masterdata.models import Location
from tests.api.conftest import make_caller
from tests.erp.shop import Shop
from tests.erp.stock.test_transit import second_plant


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def place(shop: Shop, code: str, parent: Location | None = None) -> Location:
    return Location.objects.create(
        plant=shop.plant, warehouse=shop.shelf.warehouse, code=code, name=code, parent=parent
    )


def test_a_place_never_lies_in_itself(shop: Shop) -> None:
    """Hall, rack in it, shelf in that: the hall can't be put on the shelf, nor a rack into another plant."""
    hall = place(shop, "HALL")
    shelf = place(shop, "SHELF", place(shop, "RACK", hall))
    keeper = make_caller(shop.company, "admin")
    answer = keeper.patch(f"masterdata/locations/{hall.pk}/", {"parent": shelf.pk})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "parent")
    assert answer.json()["detail"] == "A place can not lie in itself, nor in a place inside it: choose another."
    away = Location.objects.filter(plant=second_plant(shop)).first()
    assert away is not None
    answer = keeper.patch(f"masterdata/locations/{shelf.pk}/", {"parent": away.pk})
    assert answer.json()["detail"] == "A place lies in another of the same plant: choose one of this plant."


def test_two_changes_at_once_form_no_circle(committed: None) -> None:
    """A into B and B into A at the same moment: one of them is refused."""
    shop = Shop()
    a, b = place(shop, "A"), place(shop, "B")
    ready = threading.Barrier(2)

    def put(one: Location, into: Location) -> bool:
        try:
            ready.wait(timeout=30)
            Location.objects.filter(pk=one.pk).update(parent=into)
            return True
        except IntegrityError:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda pair: put(*pair), [(a, b), (b, a)]))
    assert sorted(done) == [False, True]
