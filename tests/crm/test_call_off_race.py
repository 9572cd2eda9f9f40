"""Call-offs at the same moment, over connections of their own, never take more than what is left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from crm import services as crm
from crm.models import CallOff
from crm.selectors.contracts import uses_of
from erp.models import SalesOrder
from tests.crm.agreed import WANTED, active, line_of
from tests.crm.orders import NOW
from tests.flows import workshop

AT_ONCE, EACH, TRIES = 8, Decimal(5), 4


@pytest.mark.parametrize("confirm", [True, False], ids=["confirmed", "drafts"])
def test_call_offs_at_once_take_exactly_what_is_left(committed: None, *, confirm: bool) -> None:
    """32 tries of 5 for 100 agreed stools and a tolerance of 10 %: 110 / 5 = 22 become orders, 10 are refused."""
    shop = workshop.build()
    contract = active(shop, tolerance_percent=Decimal(10))
    line = line_of(contract)
    start = Barrier(AT_ONCE)

    def race(_: int) -> list[str]:
        try:
            start.wait()
            return [_try() for _ in range(TRIES)]
        finally:
            connection.close()

    def _try() -> str:
        asked = [crm.CallOffLine(line.pk, EACH, WANTED)]
        try:
            return crm.call_off(contract_id=contract.pk, lines=asked, now=NOW, confirm=confirm).number
        except crm.NotEnoughLeft as refusal:
            return refusal.code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        said = [one for many in pool.map(race, range(AT_ONCE)) for one in many]
    assert said.count("not_enough_left") == 10
    assert SalesOrder.objects.count() == CallOff.objects.count() == 22
    use = uses_of([contract])[contract.pk][0]
    assert (use.called, use.can_be_called) == (110, 0)
