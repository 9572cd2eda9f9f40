"""What a planner does to the plan on the board, step by step: read from JSON, written back, and why one cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from masterdata.errors import InvalidInput

MOST_EDITS = 500
MOST_OPERATIONS = 1000
TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Place:
    """An operation (id) on a machine (id) from minute `at` on, setup included."""

    operation: int
    machine: int
    at: int


@dataclass(frozen=True, slots=True)
class Move:
    """Each stands behind what begins before `at` on its machine, and the others make room; `pin`: exactly there."""

    places: tuple[Place, ...]
    pin: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """They stay where they are, also in later plans; `holds` False: they may move again."""

    operations: tuple[int, ...]
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Split:
    """So many pieces of the operation's work order go their own way; its step begins at `at` on the machine."""

    operation: int
    quantity: Decimal
    machine: int
    at: int


@dataclass(frozen=True, slots=True)
class Replant:
    """The work of an order line is made in another plant."""

    line: int
    plant: int


Edit = Move | Pin | Split | Replant


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit (its position, or TRIAL), or a part of it, that is not possible as the plan stands now."""

    edit: int | str
    code: str
    operation: int | None = None
    text: str = ""

    @property
    def sentence(self) -> str:
        """Why, in the reader's language, and what to do."""
        return self.text or reasons()[self.code]


def reasons() -> dict[str, str]:
    """Why an edit is not possible, by code."""
    return {
        "gone": _("It is done or no longer in this plant's plan. Leave this change out."),
        "begun": _("It has begun on the floor and stays where it is."),
        "frozen": _("It stands in the frozen window, which the floor already works by."),
        "pinned": _("It is pinned. Release the pin first."),
        "machine": _("This machine is not of its work centre. Choose a machine that lights up."),
        "room": _(
            "It does not fit into the working hours that are planned. Choose an earlier time or another machine."
        ),
        "quantity": _("Split off fewer pieces than the work order still has to make."),
        "elsewhere": _("Work changes its plant only when it is published."),
    }


def edits_from(given: object) -> tuple[Edit, ...]:
    """The steps of a draft as JSON has them. Raises InvalidInput, which names the one that is not understood."""
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) > MOST_EDITS:
        raise InvalidInput(_("Send at most %(count)s changes as a list.") % {"count": MOST_EDITS}, field="edits")
    return tuple(edit_from(one, at) for at, one in enumerate(given))


def edit_from(given: object, at: int | str = TRIAL) -> Edit:
    """One step. Raises InvalidInput."""
    if isinstance(given, Mapping):
        try:
            return _read(given)
        except (KeyError, TypeError, ValueError, InvalidOperation):
            pass
    number = at + 1 if isinstance(at, int) else at
    text = _("Change %(at)s cannot be done: what it names or its time is not valid. Leave it out or write it anew.")
    raise InvalidInput(text % {"at": number}, field="edits", edit=at)


def plain(edit: Edit) -> dict[str, Any]:
    """As JSON has it."""
    if isinstance(edit, Move):
        ops = [{"id": one.operation, "machine": one.machine, "at": one.at} for one in edit.places]
        return {"do": "move", "ops": ops, "pin": edit.pin}
    if isinstance(edit, Pin):
        return {"do": "pin" if edit.holds else "unpin", "ops": list(edit.operations)}
    if isinstance(edit, Split):
        quantity = format(edit.quantity, "f")
        return {"do": "split", "op": edit.operation, "quantity": quantity, "machine": edit.machine, "at": edit.at}
    return {"do": "plant", "line": edit.line, "plant": edit.plant}


def _read(given: Mapping[str, Any]) -> Edit:
    match given["do"]:
        case "move":
            return Move(tuple(_place(one) for one in _some(given["ops"])), bool(given.get("pin", False)))
        case "pin" | "unpin":
            return Pin(tuple(_whole(one) for one in _some(given["ops"])), given["do"] == "pin")
        case "split":
            quantity = Decimal(str(given["quantity"]))
            if not quantity.is_finite() or quantity <= 0:
                raise ValueError(quantity)
            return Split(_whole(given["op"]), quantity, _whole(given["machine"]), _minute(given["at"]))
        case "plant":
            return Replant(_whole(given["line"]), _whole(given["plant"]))
    raise ValueError(given["do"])


def _place(given: Mapping[str, Any]) -> Place:
    return Place(_whole(given["id"]), _whole(given["machine"]), _minute(given["at"]))


def _some(given: Sequence[Any]) -> Sequence[Any]:
    if isinstance(given, str | Mapping) or not 0 < len(given) <= MOST_OPERATIONS:
        raise ValueError("some operations")
    return given


def _whole(given: Any) -> int:
    """A whole number that fits into the database's."""
    if isinstance(given, bool) or not isinstance(given, int) or abs(given) >= 1 << 62:
        raise TypeError(given)
    return given


def _minute(given: Any) -> int:
    """A minute from the epoch within two centuries."""
    if not 0 <= _whole(given) < 1 << 27:
        raise ValueError(given)
    return _whole(given)
