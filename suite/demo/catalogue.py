"""What the demo factory makes and buys: products, sub-assemblies, panels and bought parts, with BOMs and routings.

Three levels: a wardrobe is carcass, doors and hardware; a carcass is panels; a panel is board and edge band.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

Line = tuple[str, str]  # component, quantity per piece
Step = tuple[str, str, float, float]  # work centre, name, setup minutes, run minutes per piece

DECORS = {"OAK": "natural oak", "WHT": "matt white", "WAL": "walnut"}


@dataclass(frozen=True)
class Item:
    """One material: `plant` is where it is made (bought items come to every plant), money in EUR per unit."""

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


def build() -> Catalogue:
    """The whole catalogue: about 150 materials."""
    catalogue = Catalogue()
    _bought(catalogue)
    _panels(catalogue)
    _casegoods(catalogue)
    _tables(catalogue)
    _sofas(catalogue)
    _small(catalogue)
    return catalogue


def _bought(to: Catalogue) -> None:
    for code, name in DECORS.items():
        to.buy(f"BRD18-{code}", f"Board 18 mm, {name}", "Boards", "M2", "14.20", "EGGER", 6, 900)
        to.buy(f"BRD25-{code}", f"Board 25 mm, {name}", "Boards", "M2", "21.80", "EGGER", 6, 420)
        to.buy(f"EDG-{code}", f"Edge band 22 mm, {name}", "Edge bands", "M", "0.42", "REHAU", 4, 6000)
    for code, name, cost in (("8-WHT", "8 mm, white", "5.10"), ("8-OAK", "8 mm, oak", "6.30")):
        to.buy(f"BCK{code}", f"Back panel {name}", "Boards", "M2", cost, "EGGER", 6, 500)
    rows = [
        ("HNG-110", "Hinge 110°, soft close", "Hardware", "PC", "1.85", "BLUM", 8, 2600),
        ("HNG-155", "Hinge 155°, soft close", "Hardware", "PC", "2.60", "BLUM", 8, 800),
        ("SLD-450", "Drawer slide 450 mm, pair", "Hardware", "PC", "9.40", "BLUM", 10, 420),
        ("SLD-550", "Drawer slide 550 mm, pair", "Hardware", "PC", "10.90", "BLUM", 10, 160),
        ("HDL-BAR", "Bar handle 320 mm, steel", "Hardware", "PC", "3.10", "HAFELE", 7, 900),
        ("HDL-KNB", "Knob, brass", "Hardware", "PC", "2.20", "HAFELE", 7, 500),
        ("ROD-OVL", "Clothes rod, oval", "Hardware", "M", "2.90", "HAFELE", 7, 400),
        ("CAM-15", "Cam fitting 15 mm", "Hardware", "PC", "0.14", "HAFELE", 5, 24000),
        ("DWL-8", "Dowel 8 x 35 mm", "Hardware", "PC", "0.02", "HAFELE", 5, 40000),
        ("SCR-35", "Screw 3.5 x 16 mm", "Hardware", "PC", "0.01", "HAFELE", 5, 60000),
        ("SCR-60", "Screw 6 x 60 mm", "Hardware", "PC", "0.05", "HAFELE", 5, 20000),
        ("FOOT-ADJ", "Adjustable foot", "Hardware", "PC", "0.65", "HAFELE", 5, 3000),
        ("SHP-5", "Shelf pin 5 mm", "Hardware", "PC", "0.03", "HAFELE", 5, 30000),
        ("PLT-50", "Joining plate 50 mm", "Hardware", "PC", "0.35", "HAFELE", 5, 3000),
        ("CBL-80", "Cable outlet 80 mm", "Hardware", "PC", "1.90", "HAFELE", 5, 240),
        ("GLU-D3", "Wood glue D3", "Chemicals", "KG", "3.80", "KLEIBERIT", 4, 300),
        ("GLU-HM", "Hot melt for edges", "Chemicals", "KG", "5.90", "KLEIBERIT", 4, 260),
        ("LAC-WB", "Lacquer, water based", "Chemicals", "KG", "8.60", "TEKNOS", 6, 420),
        ("PRM-WB", "Primer, water based", "Chemicals", "KG", "6.90", "TEKNOS", 6, 260),
        ("OIL-NAT", "Hard wax oil", "Chemicals", "KG", "14.50", "TEKNOS", 6, 140),
        ("ABR-180", "Abrasive belt 180", "Chemicals", "PC", "4.40", "TEKNOS", 6, 200),
        ("LEG-OAK", "Leg blank, solid oak", "Solid wood", "PC", "11.50", "HOLZ", 9, 640),
        ("LEG-WAL", "Leg blank, solid walnut", "Solid wood", "PC", "16.80", "HOLZ", 12, 240),
        ("RAIL-OAK", "Rail blank, solid oak", "Solid wood", "M", "5.60", "HOLZ", 9, 700),
        ("RAIL-WAL", "Rail blank, solid walnut", "Solid wood", "M", "8.20", "HOLZ", 12, 260),
        ("PLK-OAK", "Glued panel 30 mm, oak", "Solid wood", "M2", "62.00", "HOLZ", 9, 210),
        ("PLK-WAL", "Glued panel 30 mm, walnut", "Solid wood", "M2", "94.00", "HOLZ", 12, 90),
        ("FRM-STL", "Steel underframe, black", "Metal", "PC", "48.00", "METALLBAU", 14, 40),
        ("BRK-STL", "Steel bracket", "Metal", "PC", "1.30", "METALLBAU", 7, 1200),
        ("BEAM-PIN", "Beam, pine 40 x 60", "Solid wood", "M", "2.10", "HOLZ", 6, 900),
        ("PLY-12", "Plywood 12 mm", "Boards", "M2", "12.40", "EGGER", 6, 240),
        ("WEB-70", "Elastic webbing 70 mm", "Upholstery", "M", "0.90", "TEXTIL", 7, 2000),
        ("FOAM-35", "Foam HR35, block", "Upholstery", "KG", "7.20", "TEXTIL", 7, 600),
        ("FOAM-25", "Foam 25, back", "Upholstery", "KG", "5.80", "TEXTIL", 7, 400),
        ("WAD-200", "Wadding 200 g", "Upholstery", "M2", "1.60", "TEXTIL", 7, 700),
        ("FAB-GRY", "Fabric Nordic, grey", "Upholstery", "M", "16.50", "TEXTIL", 10, 460),
        ("FAB-BLU", "Fabric Nordic, blue", "Upholstery", "M", "16.50", "TEXTIL", 10, 200),
        ("FAB-SND", "Fabric Linen, sand", "Upholstery", "M", "19.80", "TEXTIL", 10, 160),
        ("THR-GRY", "Thread", "Upholstery", "PC", "2.90", "TEXTIL", 7, 200),
        ("ZIP-80", "Zip 80 cm", "Upholstery", "PC", "0.95", "TEXTIL", 7, 500),
        ("LEG-SOF", "Sofa leg, oak", "Hardware", "PC", "4.20", "HAFELE", 7, 500),
        ("CRT-XL", "Carton, wardrobe", "Packing", "PC", "6.40", "KARTON", 3, 600),
        ("CRT-L", "Carton, table", "Packing", "PC", "4.10", "KARTON", 3, 500),
        ("CRT-M", "Carton, cabinet", "Packing", "PC", "3.20", "KARTON", 3, 600),
        ("CRT-S", "Carton, small", "Packing", "PC", "1.10", "KARTON", 3, 900),
        ("FOIL-ST", "Stretch foil", "Packing", "M", "0.06", "KARTON", 3, 9000),
        ("CRN-PR", "Corner protector", "Packing", "PC", "0.12", "KARTON", 3, 12000),
        ("LBL-A6", "Label A6", "Packing", "PC", "0.03", "KARTON", 3, 20000),
        ("BAG-FIT", "Bag for fittings", "Packing", "PC", "0.05", "KARTON", 3, 8000),
        ("INS-PAP", "Assembly instructions", "Packing", "PC", "0.30", "KARTON", 3, 6000),
        ("MIR-40", "Mirror 400 x 1600 mm", "Glass", "PC", "24.00", "GLAS", 9, 60),
        ("GLS-6", "Glass shelf 6 mm", "Glass", "PC", "11.00", "GLAS", 9, 90),
        ("LED-STR", "LED strip 1 m, warm", "Electrics", "PC", "8.90", "HAFELE", 7, 180),
        ("LED-PSU", "LED power supply", "Electrics", "PC", "11.40", "HAFELE", 7, 90),
    ]
    for row in rows:
        to.buy(*row)


CASE_STEPS: dict[str, tuple[Step, ...]] = {
    "panel": (("SAW", "Cut", 8, 1.4), ("EDGE", "Edge", 10, 2.1), ("CNC", "Drill", 6, 2.6)),
    "front": (("SAW", "Cut", 8, 1.6), ("SAND", "Sand", 5, 3.2), ("PAINT", "Paint", 20, 4.5), ("OVEN", "Cure", 0, 2.0)),
    "plain": (("SAW", "Cut", 8, 1.6), ("EDGE", "Edge", 10, 2.4), ("DRILL", "Drill", 4, 1.8)),
}


def _panels(to: Catalogue) -> None:
    kinds = [
        ("SIDE", "Side panel", "1.25", "5.1", "panel", "18"),
        ("SHELF", "Shelf", "0.52", "1.9", "panel", "18"),
        ("BASE", "Base and top panel", "0.58", "2.2", "panel", "18"),
        ("TOP25", "Cabinet top", "0.72", "3.4", "plain", "25"),
        ("DRWF", "Drawer front", "0.16", "1.7", "plain", "18"),
    ]
    for decor, name in DECORS.items():
        for code, label, area, edge, steps, mm in kinds:
            to.make(
                Item(
                    f"{code}-{decor}",
                    f"{label}, {name}",
                    "Panels",
                    plant="DG",
                    lines=((f"BRD{mm}-{decor}", area), (f"EDG-{decor}", edge), ("GLU-HM", "0.03")),
                    steps=CASE_STEPS[steps],
                    family=decor,
                    decor=decor,
                )
            )
        front = decor == "WHT"
        to.make(
            Item(
                f"DOOR-{decor}",
                f"Door, {name}",
                "Panels",
                plant="DG",
                lines=(
                    (f"BRD18-{decor}", "1.15"),
                    *((("LAC-WB", "0.18"), ("PRM-WB", "0.12")) if front else ((f"EDG-{decor}", "5.4"),)),
                ),
                steps=CASE_STEPS["front" if front else "panel"],
                family=f"{decor}-FRONT",
                decor=decor,
            )
        )


def _casegoods(to: Catalogue) -> None:
    for decor, name in DECORS.items():
        back = "BCK8-OAK" if decor == "OAK" else "BCK8-WHT"
        to.make(
            Item(
                f"DRAWER-{decor}",
                f"Drawer, {name}",
                "Sub-assemblies",
                plant="DG",
                lines=(
                    (f"DRWF-{decor}", "1"),
                    ("BCK8-WHT", "0.25"),
                    ("SLD-450", "1"),
                    ("DWL-8", "8"),
                    ("SCR-35", "12"),
                ),
                steps=(("ASM", "Assemble drawer", 5, 6.5),),
                family="DRAWER",
                decor=decor,
            )
        )
        for width, shelves in (("180", 3), ("240", 5)):
            to.make(
                Item(
                    f"CARC{width}-{decor}",
                    f"Wardrobe carcass {width}, {name}",
                    "Sub-assemblies",
                    plant="DG",
                    lines=(
                        (f"SIDE-{decor}", "3"),
                        (f"BASE-{decor}", "4"),
                        (f"SHELF-{decor}", str(shelves)),
                        (back, "4.2"),
                        ("CAM-15", "24"),
                        ("DWL-8", "36"),
                        ("ROD-OVL", "1.8"),
                        ("SHP-5", "20"),
                        ("FOOT-ADJ", "6"),
                    ),
                    steps=(("ASM", "Assemble carcass", 8, 22),),
                    family="CARCASS",
                    decor=decor,
                )
            )
            doors = 3 if width == "180" else 4
            to.make(
                Item(
                    f"WRD-FJ{width}-{decor}",
                    f"Wardrobe Fjord {width}, {name}",
                    "Wardrobes",
                    plant="DG",
                    price=Decimal(1180 if width == "180" else 1460) + (Decimal(220) if decor == "WAL" else 0),
                    lines=(
                        (f"CARC{width}-{decor}", "1"),
                        (f"DOOR-{decor}", str(doors)),
                        ("HNG-110", str(doors * 4)),
                        ("HDL-BAR", str(doors)),
                        ("CRT-XL", "3"),
                        ("CRN-PR", "24"),
                        ("INS-PAP", "1"),
                        ("BAG-FIT", "1"),
                    ),
                    steps=(("ASM", "Final assembly", 6, 26), ("PACK", "Pack", 4, 11)),
                    family="WARDROBE",
                    decor=decor,
                )
            )
        for model, drawers, price in (("HOLM", 3, 540), ("NES", 6, 790)):
            to.make(
                Item(
                    f"CAB-{model}-{decor}",
                    f"Cabinet {model.title()}, {name}",
                    "Cabinets",
                    plant="DG",
                    price=Decimal(price) + (Decimal(120) if decor == "WAL" else 0),
                    lines=(
                        (f"SIDE-{decor}", "2"),
                        (f"TOP25-{decor}", "1"),
                        (f"BASE-{decor}", "1"),
                        (f"DRAWER-{decor}", str(drawers)),
                        (back, "0.9"),
                        ("CAM-15", "12"),
                        ("HDL-KNB", str(drawers)),
                        ("FOOT-ADJ", "4"),
                        ("CRT-M", "1"),
                        ("INS-PAP", "1"),
                    ),
                    steps=(("ASM", "Final assembly", 6, 24), ("PACK", "Pack", 4, 7)),
                    family="CABINET",
                    decor=decor,
                )
            )


def _tables(to: Catalogue) -> None:
    for wood, name, base in (("OAK", "oak", 690), ("WAL", "walnut", 980)):
        to.make(
            Item(
                f"TFRAME-{wood}",
                f"Table frame Rive, {name}",
                "Sub-assemblies",
                plant="PZ",
                lines=(
                    (f"LEG-{wood}", "4"),
                    (f"RAIL-{wood}", "4.6"),
                    ("PLT-50", "4"),
                    ("GLU-D3", "0.12"),
                    ("SCR-60", "8"),
                ),
                steps=(("PCNC", "Mill", 12, 9), ("PASM", "Glue frame", 6, 14)),
                family=f"FRAME-{wood}",
                decor=wood,
            )
        )
        for length, area in (("160", "1.46"), ("200", "1.84"), ("240", "2.21")):
            to.make(
                Item(
                    f"TTOP{length}-{wood}",
                    f"Table top {length}, {name}",
                    "Sub-assemblies",
                    plant="PZ",
                    lines=((f"PLK-{wood}", area), ("OIL-NAT", "0.22"), ("ABR-180", "0.05")),
                    steps=(
                        ("PSAW", "Cut", 6, 4),
                        ("PCNC", "Shape", 10, 8),
                        ("PSAND", "Sand", 5, 12),
                        ("PLAC", "Oil", 12, 7),
                    ),
                    family=f"TOP-{wood}",
                    decor=wood,
                )
            )
            to.make(
                Item(
                    f"TBL-RIV{length}-{wood}",
                    f"Table Rive {length}, {name}",
                    "Tables",
                    plant="PZ",
                    price=Decimal(base + 2 * (int(length) - 160)),
                    lines=(
                        (f"TTOP{length}-{wood}", "1"),
                        (f"TFRAME-{wood}", "1"),
                        ("BRK-STL", "6"),
                        ("SCR-60", "12"),
                        ("CRT-L", "2"),
                        ("INS-PAP", "1"),
                    ),
                    steps=(("PASM", "Final assembly", 5, 16), ("PPACK", "Pack", 4, 9)),
                    family="TABLE",
                    decor=wood,
                )
            )


def _sofas(to: Catalogue) -> None:
    to.make(
        Item(
            "SFRAME-3",
            "Sofa frame, three seats",
            "Sub-assemblies",
            plant="PZ",
            lines=(("BEAM-PIN", "14"), ("PLY-12", "1.6"), ("BRK-STL", "12"), ("SCR-60", "48"), ("WEB-70", "22")),
            steps=(("PSAW", "Cut beams", 8, 9), ("PASM", "Assemble frame", 6, 24)),
            family="SOFA",
        )
    )
    for fabric, name in (("GRY", "grey"), ("BLU", "blue"), ("SND", "sand")):
        to.make(
            Item(
                f"COVER3-{fabric}",
                f"Cover set, {name}",
                "Sub-assemblies",
                plant="PZ",
                lines=((f"FAB-{fabric}", "11.5"), ("THR-GRY", "0.6"), ("ZIP-80", "6")),
                steps=(("PSEW", "Cut fabric", 10, 14), ("PSEW", "Sew", 8, 48)),
                family=f"SEW-{fabric}",
            )
        )
        to.make(
            Item(
                f"SOF-VIK3-{fabric}",
                f"Sofa Vik, three seats, {name}",
                "Sofas",
                plant="PZ",
                price=Decimal(1890 if fabric != "SND" else 2090),
                lines=(
                    ("SFRAME-3", "1"),
                    (f"COVER3-{fabric}", "1"),
                    ("FOAM-35", "14"),
                    ("FOAM-25", "6"),
                    ("WAD-200", "9"),
                    ("LEG-SOF", "6"),
                    ("CRT-XL", "2"),
                    ("FOIL-ST", "14"),
                ),
                steps=(("PUPH", "Upholster", 10, 85), ("PPACK", "Pack", 4, 12)),
                family="SOFA",
            )
        )


def _small(to: Catalogue) -> None:
    """Small pieces made in two steps: what the history of quick orders consists of."""
    for wood, name, price in (("OAK", "oak", 148), ("WAL", "walnut", 196)):
        to.make(
            Item(
                f"STL-BEK-{wood}",
                f"Stool Bekk, {name}",
                "Small furniture",
                plant="PZ",
                price=Decimal(price),
                lines=((f"RAIL-{wood}", "2.4"), (f"PLK-{wood}", "0.16"), ("OIL-NAT", "0.05"), ("CRT-S", "1")),
                steps=(("PCNC", "Mill", 10, 9), ("PASM", "Assemble", 5, 11)),
                family=f"STOOL-{wood}",
                decor=wood,
            )
        )
    for decor, name in DECORS.items():
        to.make(
            Item(
                f"SHF-LIN-{decor}",
                f"Wall shelf Lin, {name}",
                "Small furniture",
                plant="DG",
                price=Decimal(86),
                lines=((f"BRD25-{decor}", "0.28"), (f"EDG-{decor}", "2.6"), ("BRK-STL", "2"), ("CRT-S", "1")),
                steps=(("SAW", "Cut", 8, 2), ("EDGE", "Edge and pack", 8, 4)),
                family=decor,
                decor=decor,
            )
        )
