"""Tables, sofas and small furniture of the demo factory."""

from __future__ import annotations

from decimal import Decimal

from suite.demo.items import DECORS, Catalogue, Item


def add_tables(to: Catalogue) -> None:
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


def add_sofas(to: Catalogue) -> None:
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


def add_small(to: Catalogue) -> None:
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
                also={"PZ": (("PSAW", "Cut", 8, 2), ("PASM", "Edge by hand and pack", 10, 9))}
                if decor == "OAK"
                else {},
                family=decor,
                decor=decor,
            )
        )
