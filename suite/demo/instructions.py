"""Work instructions of the demo: panels with their drawings, one version in force, the next being written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from masterdata.models import Material, RoutingOperation, User
from mes import services as mes
from mes.services.instructions import MarkInput
from mes.services.parts import FeatureInput, ShapeInput
from suite.demo.factory import Demo

# Kind of part: length, width, thickness, rows of holes (x, y, diameter, depth, count, pitch), groove from the back.
PARTS: dict[str, tuple[int, int, int, list[tuple[int, int, int, int, int, int]], bool]] = {
    "SIDE": (2360, 580, 18, [
        (352, 37, 5, 12, 49, 32), (352, 480, 5, 12, 49, 32), (79, 96, 8, 12, 1, 0), (79, 290, 8, 12, 1, 0),
        (79, 517, 8, 12, 1, 0), (1950, 96, 8, 12, 1, 0), (1950, 290, 8, 12, 1, 0), (1950, 517, 8, 12, 1, 0),
        (79, 128, 10, 13, 1, 0), (79, 453, 10, 13, 1, 0), (1950, 128, 10, 13, 1, 0), (1950, 453, 10, 13, 1, 0),
    ], True),
    "SHELF": (962, 540, 18, [(34, 60, 8, 12, 2, 894), (34, 480, 8, 12, 2, 894)], False),
    "BASE": (1000, 580, 18, [(9, 60, 8, 13, 2, 982), (9, 520, 8, 13, 2, 982)], True),
    "DOOR": (2320, 498, 18, [(100, 22, 35, 13, 4, 706)], False),
    "DRWF": (596, 176, 18, [(234, 88, 5, 18, 2, 128)], False),
}  # fmt: skip
STEPS: dict[str, list[tuple[str, str, bool]]] = {
    "Drill": [
        ("Check blank and programme", ("- Compare the label on the blank with the **job sheet**.\n"
         "- Load the programme of the variant; the code on the screen is the part's.\n- Inside face **up**."), False),
        ("Drill to the drawing", ("Zero is the **lower left corner**. The front edge lies against the stops.\n\n"
         "Blow out the groove before the next piece."), True),
        ("Measure the first piece and every tenth", ("Write the figures into the check; out of tolerance: **stop**, "
         "call the shift lead."), True),
    ],
    "Edge": [
        ("Set the band", ("- Band of the same decor; look at the batch on the roll.\n- Glue at **195 °C** before the "
         "first piece."), False),
        ("Band in this order", "First the front, then the back, last the short sides. Grain runs along the length.",
         True),
    ],
    "Cut": [("Cut to size", "Add nothing: bands are counted in the programme.\n\nLongest side first.", True)],
}  # fmt: skip
MARKS = [
    (1, "27", "46.5", "37 ±0.2 from the front edge"),
    (2, "47", "46.5", "32 ±0.1 between two holes"),
    (3, "83", "15", "8.2 +0.2 width of the groove"),
]


def tell(demo: Demo, users: dict[str, User]) -> None:
    """Drawings of all decors; instructions for sides, shelves and doors, and a draft of what comes next."""
    _draw(demo)
    at = demo.now - dt.timedelta(days=40)
    rows = RoutingOperation.objects.filter(
        routing__state="frozen", routing__material__code__in=["SIDE-OAK", "SIDE-WHT", "SHELF-OAK", "DOOR-OAK"]
    )
    for operation in rows.select_related("routing__material").order_by("routing__material__code", "sequence"):
        if operation.name in STEPS:
            _write(operation, at, users["quentin"])
    side = rows.get(routing__material__code="SIDE-OAK", name="Drill")
    draft = mes.write_instruction(operation_id=side.pk, now=demo.now, by=users["quentin"])
    mes.write_step(
        instruction_id=draft.pk,
        title="Stack with paper between",
        text="Ten pieces on a trolley, inside faces together.",
    )


def _draw(demo: Demo) -> None:
    zero = Decimal(0)
    for material in Material.objects.filter(category__code="Panels").order_by("code"):
        part = PARTS.get(material.code.split("-")[0])
        if part is None:
            continue
        length, width, thickness, holes, has_groove = part
        features = [
            FeatureInput(
                kind="holes", x_mm=Decimal(x), y_mm=Decimal(y), width_mm=Decimal(wide), depth_mm=Decimal(deep),
                count=count, pitch_mm=Decimal(pitch),
            )
            for x, y, wide, deep, count, pitch in holes
        ]  # fmt: skip
        if has_groove:
            features.append(
                FeatureInput(
                    kind="groove", x_mm=zero, y_mm=Decimal(width - 20), width_mm=Decimal("8.2"), depth_mm=Decimal(10),
                    length_mm=Decimal(length),
                )
            )  # fmt: skip
        is_painted = material.code == "DOOR-WHT"
        shape = ShapeInput(
            length_mm=Decimal(length), width_mm=Decimal(width), thickness_mm=Decimal(thickness),
            grain="" if material.code.endswith("WHT") else "length", features=features,
            edge_front_mm=zero if is_painted else Decimal(1), edge_back_mm=zero if is_painted else Decimal("0.4"),
            edge_left_mm=zero, edge_right_mm=zero,
        )  # fmt: skip
        mes.write_shape(material_id=material.pk, shape=shape)


def _write(operation: RoutingOperation, at: dt.datetime, by: User) -> None:
    row = mes.write_instruction(operation_id=operation.pk, now=at, by=by)
    for title, text, is_drawn in STEPS[operation.name]:
        step = mes.write_step(instruction_id=row.pk, title=title, text=text, shows_drawing=is_drawn)
        if title.startswith("Measure"):
            marks = [
                MarkInput(number=number, x_percent=Decimal(x), y_percent=Decimal(y), text=said)
                for number, x, y, said in MARKS
            ]
            mes.mark_picture(instruction_id=row.pk, step_id=step.pk, marks=marks)
    mes.release_instruction(instruction_id=row.pk, now=at, note="First version", by=by)
