"""What a plant sends to another and gets from it by chance: a part of the machine that does everything by chance."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections import defaultdict
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from erp import services as erp
from erp.models import StockBalance, TransferLine
from masterdata.errors import Refusal
from masterdata.models import Location, Plant
from tests.erp.shop import Shop

D = Decimal
CODES = ("STOOL", "LEG", "BOLT")
few = st.integers(1, 12)
codes = st.sampled_from(CODES)


class Travelling(RuleBasedStateMachine):
    """`on_the_way` to the shop's plant, by material; `there` is what lies where."""

    shop: Shop
    other: Plant
    now: dt.datetime
    of: dict[str, Any]
    there: dict[tuple[str, str], int]

    def __init__(self) -> None:
        super().__init__()
        self.on_the_way: dict[str, int] = defaultdict(int)

    @abstractmethod
    def _row(self, code: str, place: str) -> StockBalance | None:
        """The row of stock of a material in a place."""

    @abstractmethod
    def _owed(self, code: str) -> int:
        """What is owed of a material."""

    @abstractmethod
    def _settle(self, code: str, came: int, owed_before: int) -> None:
        """So many came or went; what was owed is taken from it."""

    @abstractmethod
    def _again(self) -> None:
        """Planning has to look again."""

    @rule(code=codes, count=few)
    def send_away(self, code: str, count: int) -> None:
        """To the other plant: only what is free leaves."""
        row = self._row(code, "shelf")
        if row is None:
            return
        pieces = [erp.Piece(row.pk, D(count))]
        try:
            erp.send_transfer(pieces=pieces, to_plant=self.other, now=self.now)
        except Refusal:
            assert count > row.on_hand - row.reserved
        else:
            self.there[code, "shelf"] -= count
        self._again()

    @rule(code=codes, count=few, days=st.integers(0, 5))
    def set_off(self, code: str, count: int, days: int) -> None:
        """From the other plant to this one."""
        place = Location.objects.get(plant=self.other, kind="stock")
        erp.receive_opening(rows=[erp.OpeningStock(self.of[code].pk, place.pk, D(count), D(3))], now=self.now)
        row = StockBalance.objects.get(material=self.of[code], location=place)
        expected = self.now + dt.timedelta(days=days)
        pieces = [erp.Piece(row.pk, D(count))]
        erp.send_transfer(pieces=pieces, to_plant=self.shop.plant, expected_at=expected, now=self.now)
        self.on_the_way[code] += count
        self._again()

    @rule(share=st.integers(1, 3))
    def arrive(self, share: int) -> None:
        line = self._travelling()
        if line is None:
            return
        code, part = line.material.code, max(1, int(line.quantity - line.arrived_qty) // share)
        owed = self._owed(code)
        erp.receive_transfer(transfer_id=line.transfer_id, lines=[(line.pk, D(part))], now=self.now)
        self.on_the_way[code] -= part
        self._settle(code, part, owed)
        self._again()

    @rule()
    def lose_on_the_way(self) -> None:
        line = self._travelling()
        if line is not None:
            erp.give_up_transfer(transfer_id=line.transfer_id, note="Gone", now=self.now)
            self.on_the_way[line.material.code] -= int(line.quantity - line.arrived_qty)
            self._again()

    def _travelling(self) -> TransferLine | None:
        rows = TransferLine.objects.filter(transfer__closed_at=None, transfer__to_plant=self.shop.plant)
        return rows.select_related("material").order_by("pk").first()
