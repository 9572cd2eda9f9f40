"""Try again when stock moved between the look and the lock."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from erp.stock.later_costs import UsersChanged
from masterdata.errors import Refusal

P = ParamSpec("P")
T = TypeVar("T")
TRIES = 5


class StockIsMoving(Refusal):
    """The goods were being used all the while."""

    code = "stock_is_moving"


def until_it_stands(deed: Callable[P, T]) -> Callable[P, T]:
    """Run an atomic deed again when others took of the goods meanwhile; its locks are let go in between."""

    @wraps(deed)
    def tried(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(TRIES):
            try:
                return deed(*args, **kwargs)
            except UsersChanged:
                continue
        raise StockIsMoving("These goods are being used this very moment: try again.")

    return tried
