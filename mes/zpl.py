"""Labels as ZPL II for label printers, 203 dots an inch. Pure. Source: Zebra, Programming Guide for ZPL II.

Text goes through ^FH, so that no number or name that somebody typed can be a command to the printer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

DOTS_PER_MM = 8
SIZES = {"roll": (100, 62), "parcel": (100, 150), "small": (57, 32)}
"""Width and height in mm of the rolls that labels are made for."""


@dataclass(frozen=True, slots=True)
class Tag:
    """What stands on a label; `scanned` is what its QR and bar code say."""

    title: str
    subtitle: str
    scanned: str
    facts: Sequence[tuple[str, str]] = field(default_factory=tuple)


def zpl(tags: Iterable[Tag], *, size: str = "roll", copies: int = 1) -> str:
    """One format for each label, printed `copies` times."""
    width, height = (side * DOTS_PER_MM for side in SIZES[size])
    return "".join(_label(tag, width, height, copies) for tag in tags)


def _label(tag: Tag, width: int, height: int, copies: int) -> str:
    is_small = height < 300
    big, small = (32, 20) if is_small else (48, 26)
    margin = 24
    side = 5 if is_small else 7  # dots of a module of the QR code
    room = width - 2 * margin - side * 33
    lines = [f"^XA^CI28^PW{width}^LL{height}^LH0,0"]
    at = margin
    for text, font, rows in ((tag.title, big, 2), (tag.subtitle, small, 2)):
        if text:
            lines.append(f"^FO{margin},{at}^A0N,{font}^FB{room},{rows},0,L^FH_^FD{_safe(text)}^FS")
            at += font * min(rows, 1 + len(text) * font // 2 // max(room, 1)) + 8
    for label, value in [] if is_small else tag.facts:
        lines.append(f"^FO{margin},{at}^A0N,{small}^FB{room},1,0,L^FH_^FD{_safe(f'{label}  {value}')}^FS")
        at += small + 8
    lines.append(f"^FO{width - margin - side * 29},{margin}^BQN,2,{side}^FH_^FDQA,{_safe(tag.scanned)}^FS")
    bar = max(50, height // 5)
    narrow = 2 if (len(tag.scanned) + 3) * 11 * 2 + 2 * margin <= width else 1
    lines.append(
        f"^FO{margin},{height - bar - 46}^BY{narrow}^BCN,{bar},Y,N,N^FH_^FD{_safe(tag.scanned, bar_code=True)}^FS"
    )
    lines.append(f"^PQ{copies}^XZ\n")
    return "".join(lines)


def _safe(text: str, *, bar_code: bool = False) -> str:
    """Hexadecimal for what the printer would take as a command; in a bar code ">" begins a code set."""
    found = []
    for letter in text.replace("\n", ", "):
        if bar_code and letter == ">":
            found.append("_3E0")
        elif letter in "^~_\\" or ord(letter) < 32:
            found.append(f"_{ord(letter):02X}")
        else:
            found.append(letter)
    return "".join(found)
