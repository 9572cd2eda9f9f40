"""An offer on its way to a quotation: sealed when it is shown or answered, opened when the quotation is saved.

A seal can be read, though not written, by whoever holds it; what the line costs is enciphered in it, so that it
reaches the quotation by way of people who may not see it.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import secrets
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

from masterdata.errors import InvalidInput

SALT = "crm.offered.2"
NONCE, WIDTH = 16, 32
"""Bytes: what makes each cost look another, and the one length that all costs have."""
KEPT_FOR = dt.timedelta(hours=12)


class OfferUnknown(InvalidInput):
    """Not sealed by us, or too long ago."""

    code = "offer_unknown"


class OfferForAnother(InvalidInput):
    """The line asks something else than what was answered."""

    code = "offer_for_another"


@dataclass(frozen=True)
class Offered:
    """What was answered to which question. It is stored with a line only while the line still asks the same."""

    plant_id: int
    material_id: int
    quantity: Decimal
    wanted_on: dt.date
    offered_at: dt.datetime
    cause: str
    plan_no: int
    cost: Decimal | None = None

    def answers(self, *, plant_id: int, material_id: int, quantity: Decimal, wanted_on: dt.date) -> bool:
        """Whether the line asks what was answered."""
        asked = (self.plant_id, self.material_id, self.quantity, self.wanted_on)
        return asked == (plant_id, material_id, quantity, wanted_on)


def seal(offered: Offered) -> str:
    """Signed, so that nobody types a date that was never offered; its cost cannot be read in it."""
    plain = [
        offered.plant_id,
        offered.material_id,
        f"{offered.quantity:f}",
        offered.wanted_on.isoformat(),
        offered.offered_at.isoformat(),
        offered.cause,
        offered.plan_no,
        hidden(offered.cost),
    ]
    return signing.dumps(plain, salt=SALT, compress=True)


def opened(sealed: str) -> Offered | None:
    """The offer, or nothing when it is not ours or older than half a day."""
    try:
        plant_id, material_id, quantity, wanted_on, offered_at, cause, plan_no, cost = signing.loads(
            sealed, salt=SALT, max_age=KEPT_FOR
        )
    except signing.BadSignature:
        return None
    return Offered(
        plant_id=plant_id,
        material_id=material_id,
        quantity=Decimal(quantity),
        wanted_on=dt.date.fromisoformat(wanted_on),
        offered_at=dt.datetime.fromisoformat(offered_at),
        cause=cause,
        plan_no=plan_no,
        cost=found_in(cost),
    )


def opened_for(
    sealed: str, *, plant_id: int, material_id: int, quantity: Decimal, wanted_on: dt.date, field: str
) -> Offered | None:
    """The offer that a line hands back; nothing when it hands back none. Raises OfferUnknown, OfferForAnother."""
    if not sealed:
        return None
    found = opened(sealed)
    if found is None:
        raise OfferUnknown(
            "This offer is not ours, or older than twelve hours: ask for the date again and hand back its offer.",
            field=field,
        )
    if not found.answers(plant_id=plant_id, material_id=material_id, quantity=quantity, wanted_on=wanted_on):
        raise OfferForAnother(
            "This offer answers another plant, material, quantity or day: ask for this line and hand back its offer.",
            field=field,
        )
    return found


def seal_line(line: Any, *, now: dt.datetime) -> str:
    """The offer that a stored line was saved with, sealed once more while its date is ahead."""
    if line.offered_at is None or line.plan_no is None or line.offered_at <= now:
        return ""
    return seal(
        Offered(
            plant_id=line.plant_id,
            material_id=line.material_id,
            quantity=line.quantity,
            wanted_on=line.wanted_on,
            offered_at=line.offered_at,
            cause=line.offered_cause,
            plan_no=line.plan_no,
            cost=line.offered_cost,
        )
    )


def hidden(cost: Decimal | None) -> str:
    """A cost that only the installation's key opens: padded to one length, then under a pad of HMAC-SHA256 that is used
    once. That nobody changed it the seal around it says."""
    nonce = secrets.token_bytes(NONCE)
    plain = ("" if cost is None else f"{cost:f}").encode().ljust(WIDTH)
    return base64.urlsafe_b64encode(nonce + _under(_pad(settings.SECRET_KEY, nonce), plain)).decode()


def found_in(text: str) -> Decimal | None:
    """The cost that was hidden, also by a key that was in use before."""
    both = base64.urlsafe_b64decode(text)
    nonce, enciphered = both[:NONCE], both[NONCE:]
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            plain = _under(_pad(key, nonce), enciphered).decode("ascii").strip()
            return Decimal(plain) if plain else None
        except (UnicodeDecodeError, InvalidOperation):
            continue
    return None


def _pad(secret: str | bytes, nonce: bytes) -> bytes:
    key = salted_hmac(f"{SALT}.cost", "pad", secret=secret, algorithm="sha256").digest()
    return hmac.digest(key, nonce, "sha256")


def _under(pad: bytes, text: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(pad, text, strict=True))
