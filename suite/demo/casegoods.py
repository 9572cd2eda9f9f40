"""Panels, drawers, wardrobes and cabinets of the demo factory."""

from __future__ import annotations

from decimal import Decimal

from suite.demo.items import DECORS, Catalogue, Item, Step

CASE_STEPS: dict[str, tuple[Step, ...]] = {
    "panel": (("SAW", "Cut", 8, 1.4), ("EDGE", "Edge", 10, 2.1), ("CNC", "Drill", 6, 2.6)),
    "front": (("SAW", "Cut", 8, 1.6), ("SAND", "Sand", 5, 3.2), ("PAINT", "Paint", 20, 4.5), ("OVEN", "Cure", 0, 2.0)),
    "plain": (("SAW", "Cut", 8, 1.6), ("EDGE", "Edge", 10, 2.4), ("DRILL", "Drill", 4, 1.8)),
}


def add_panels(to: Catalogue) -> None:
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


def add_casegoods(to: Catalogue) -> None:
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


def add_glazed(to: Catalogue) -> None:
    """Vitrines with glass and light, and desks on a steel frame."""
    for decor, name in DECORS.items():
        to.make(
            Item(
                f"VIT-SUND-{decor}",
                f"Vitrine Sund, {name}",
                "Cabinets",
                plant="DG",
                price=Decimal(1090) + (Decimal(140) if decor == "WAL" else 0),
                lines=(
                    (f"SIDE-{decor}", "2"),
                    (f"BASE-{decor}", "2"),
                    ("GLS-6", "3"),
                    ("GLD-DOR", "2"),
                    ("HNG-GLS", "4"),
                    ("LED-STR", "2"),
                    ("LED-PSU", "1"),
                    ("CBL-2M", "1"),
                    ("CAM-15", "16"),
                    ("CRT-M", "2"),
                ),
                steps=(("ASM", "Final assembly", 8, 34), ("PACK", "Pack", 5, 12)),
                family="CABINET",
                decor=decor,
            )
        )
        to.make(
            Item(
                f"DSK-VIKA-{decor}",
                f"Desk Vika 140, {name}",
                "Desks",
                plant="DG",
                price=Decimal(480) + (Decimal(90) if decor == "WAL" else 0),
                lines=(
                    (f"TOP25-{decor}", "1"),
                    (f"DRAWER-{decor}", "1"),
                    ("FRM-STL", "1"),
                    ("CBL-80", "1"),
                    ("BOLT-M6", "8"),
                    ("NUT-M6", "8"),
                    ("GLD-FLT", "4"),
                    ("CRT-L", "1"),
                ),
                steps=(("ASM", "Final assembly", 5, 14), ("PACK", "Pack", 4, 7)),
                family="DESK",
                decor=decor,
            )
        )
