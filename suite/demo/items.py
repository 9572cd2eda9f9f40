"""What a material of the demo factory is, and the catalogue that gathers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

Line = tuple[str, str]  # component, quantity per piece
Step = tuple[str, str, float, float]  # work centre, name, setup minutes, run minutes per piece

DECORS = {"OAK": "natural oak", "WHT": "matt white", "WAL": "walnut"}


@dataclass(frozen=True)
class Item:
    """One material: `plant` is where it is made (bought items come to every plant), money in EUR per unit.

    `also` are other plants that can make it, each by steps of its own.
    """

    code: str
    name: str
    category: str
    unit: str = "PC"
    plant: str = ""
    cost: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    lines: tuple[Line, ...] = ()
    steps: tuple[Step, ...] = ()
    family: str = ""
    supplier: str = ""
    lead_days: int = 0
    stock: int = 0
    decor: str = ""
    also: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)

    @property
    def routes(self) -> Mapping[str, tuple[Step, ...]]:
        """The steps in each plant that can make it."""
        return {self.plant: self.steps, **self.also}

    @property
    def is_made(self) -> bool:
        return bool(self.lines)


@dataclass
class Catalogue:
    """All items by code, in the order in which they were named."""

    items: dict[str, Item] = field(default_factory=dict)

    def buy(
        self, code: str, name: str, category: str, unit: str, cost: str, supplier: str, days: int, stock: int = 0
    ) -> None:
        """A bought part; `stock` is what lies in each plant when the demo begins."""
        self.items[code] = Item(
            code, name, category, unit, cost=Decimal(cost), supplier=supplier, lead_days=days, stock=stock
        )

    def make(self, item: Item) -> None:
        """A made item; its standard cost is left to the import of prices."""
        self.items[item.code] = item
