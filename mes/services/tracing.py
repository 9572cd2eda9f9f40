"""What is done to the lots of a recall, and the parts that were scanned with a report."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.db import transaction

from erp import services as erp
from erp.models import Lot
from masterdata import statements
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Material
from mes.selectors.tracing import FORWARD, reached

_EVENT = "SELECT set_config('mes.event', %s::text, true)"


class UnknownLot(Refusal):
    """No lot has this number."""

    code: ClassVar[str] = "unknown_lot"


class NothingToBlock(Refusal):
    """Every lot that is reached is in the state already."""

    code: ClassVar[str] = "nothing_to_block"


def moves_are_of(event_id: uuid.UUID | None) -> None:
    """What moves from here on in this transaction belongs to that event, until the next call."""
    statements.run(_EVENT, [str(event_id or "")])


def consumed_of(payload: Mapping[str, Any]) -> list[erp.Consumed]:
    """The parts in an event's `payload.consumed`: [{"material": id, "lot": "L-123", "quantity": "2"}].

    Raises InvalidInput for what has another form, UnknownLot.
    """
    rows = payload.get("consumed") or []
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise InvalidInput("“consumed” is a list of parts with material, lot and quantity.", field="consumed")
    found = []
    for row in rows:
        try:
            material_id, quantity = int(row["material"]), Decimal(str(row.get("quantity", "1")))
        except (KeyError, TypeError, ValueError, InvalidOperation):
            raise InvalidInput(
                "Each consumed part needs the id of its material and a quantity.", field="consumed"
            ) from None
        number = str(row.get("lot") or "").strip()
        found.append(erp.Consumed(material_id=material_id, lot_id=_lot(material_id, number), quantity=quantity))
    return found


def serials_of(payload: Mapping[str, Any]) -> list[str]:
    """The numbers in an event's `payload.serials`, one for each good piece. Raises InvalidInput for another form."""
    rows = payload.get("serials") or []
    if not isinstance(rows, list) or not all(isinstance(row, str) and row.strip() for row in rows):
        raise InvalidInput("“serials” is a list of serial numbers.", field="serials")
    return [row.strip() for row in rows]


def _lot(material_id: int, number: str) -> int | None:
    material = Material.objects.filter(pk=material_id).first()
    if material is None:
        raise InvalidInput(f"There is no material {material_id}.", field="consumed")
    if not number:
        return None
    lot_id = Lot.objects.filter(material=material, number__iexact=number).values_list("pk", flat=True).first()
    if lot_id is None:
        raise UnknownLot(
            f"There is no lot {number} of {material.code}. Scan its label again, or have the goods received first.",
            field="consumed",
            lot=number,
            material_id=material_id,
        )
    return lot_id


@transaction.atomic
def block_recall(*, lot_ids: Collection[int], because: str, now: dt.datetime) -> list[Lot]:
    """Block every lot that these reached, and these, which are not blocked yet; who had them reserved is supplied
    again. Locks the lots in the order of their ids. Raises NothingToBlock, InvalidInput.
    """
    if not because.strip():
        raise InvalidInput("Say why the lots are blocked: whoever finds one must know.", field="because")
    lots = _all_reached(lot_ids, is_blocked=False)
    if not lots:
        raise NothingToBlock("All of these lots are blocked already.")
    return [erp.block_lot(lot_id=lot.pk, because=because.strip()[:200], now=now) for lot in lots]


@transaction.atomic
def unblock_recall(*, lot_ids: Collection[int], because: str, now: dt.datetime) -> list[Lot]:
    """Open again what was blocked for this reason, or, without one, for the reason of these lots themselves; lots that
    are blocked for another one stay so. Case and spaces do not count.

    Raises NothingToBlock, which says for which reasons they are blocked.
    """
    blocked = _all_reached(lot_ids, is_blocked=True)
    own = {_plain(lot.blocked_because) for lot in blocked if lot.pk in lot_ids}
    wanted = {_plain(because)} if because.strip() else own
    lots = [lot for lot in blocked if _plain(lot.blocked_because) in wanted]
    if not lots:
        reasons = "; ".join(sorted({f"“{lot.blocked_because}”" for lot in blocked}))
        raise NothingToBlock(
            f"None of these lots is blocked for this reason. They are blocked for {reasons}: name one of these."
            if reasons
            else "None of these lots is blocked.",
            reasons=sorted({lot.blocked_because for lot in blocked}),
        )
    return [erp.block_lot(lot_id=lot.pk, because="", now=now) for lot in lots]


def _plain(because: str) -> str:
    return " ".join(because.casefold().split())[:200]


def _all_reached(lot_ids: Collection[int], *, is_blocked: bool) -> Sequence[Lot]:
    nodes = [node for node in reached(nodes=lot_ids, direction=FORWARD) if node > 0]
    return list(Lot.objects.filter(pk__in=nodes, is_blocked=is_blocked).order_by("pk"))
