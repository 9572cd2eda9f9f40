"""What the demo factory makes and buys: products, sub-assemblies, panels and bought parts, with BOMs and routings.

Three levels: a wardrobe is carcass, doors and hardware; a carcass is panels; a panel is board and edge band.
"""

from __future__ import annotations

from suite.demo.bought import add_bought
from suite.demo.casegoods import add_casegoods, add_glazed, add_panels
from suite.demo.items import Catalogue
from suite.demo.living import add_small, add_sofas, add_tables


def build() -> Catalogue:
    """The whole catalogue: about 150 materials."""
    catalogue = Catalogue()
    for add in (add_bought, add_panels, add_casegoods, add_glazed, add_tables, add_sofas, add_small):
        add(catalogue)
    return catalogue
