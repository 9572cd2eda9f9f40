"""The PIN of a person at the tablets: set by the shift lead, asked when a name is tapped instead of a badge scanned.

It is kept as `pbkdf2$rounds$salt$hash` (SHA-256, salt and hash in hex), which a browser's WebCrypto computes too: a
tablet without a connection checks it against its snapshot. A PIN says who of the people at a tablet does it; the right
to do it is the log-in's or the enrolled device's.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from django.db import transaction

from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Employee

ROUNDS = 120_000
SHORTEST, LONGEST = 4, 8
FAILURES = 5
PAUSE = dt.timedelta(minutes=2)
TOO_EASY = frozenset({"0123", "1234", "12345", "123456", "1234567", "12345678", "4321", "654321"})


class PinWrong(Refusal):
    """Not this person's PIN."""

    code = "pin_wrong"
    status = 403


class PinLocked(Refusal):
    """Too many wrong PINs."""

    code = "pin_locked"
    status = 429


@dataclass(frozen=True)
class PinParts:
    """What a tablet needs to check a PIN by itself."""

    rounds: int
    salt: str
    hash: str


def parts(pin_hash: str) -> PinParts | None:
    """The stored PIN taken apart; None when there is none."""
    if not pin_hash:
        return None
    _, rounds, salt, digest = pin_hash.split("$")
    return PinParts(int(rounds), salt, digest)


@transaction.atomic
def set_pin(*, employee_id: int, pin: str) -> Employee:
    """Give a person a new PIN, or none with an empty one; what was locked is open again. Raises InvalidInput."""
    if pin:
        _check_form(pin)
    employee = Employee.objects.select_for_update(no_key=True, of=("self",)).order_by("pk").get(pk=employee_id)
    employee.pin_hash = _hashed(pin) if pin else ""
    employee.pin_failures, employee.pin_locked_until_at = 0, None
    employee.save(update_fields=["pin_hash", "pin_failures", "pin_locked_until_at"])
    return employee


def check_pin(*, employee_id: int, pin: str, now: dt.datetime) -> Employee:
    """Whether it is this person's PIN. Raises PinWrong, and PinLocked after five wrong ones for two minutes."""
    with transaction.atomic():
        employee = Employee.objects.select_for_update(no_key=True, of=("self",)).order_by("pk").get(pk=employee_id)
        if employee.pin_locked_until_at and employee.pin_locked_until_at > now:
            raise PinLocked("Too many wrong PINs. Wait two minutes, or ask the shift lead for a new one.", field="pin")
        is_right = _is_right(employee.pin_hash, pin)
        if is_right and not employee.pin_failures:
            return employee
        employee.pin_failures = 0 if is_right else employee.pin_failures + 1
        if employee.pin_failures >= FAILURES:
            employee.pin_failures, employee.pin_locked_until_at = 0, now + PAUSE
        employee.save(update_fields=["pin_failures", "pin_locked_until_at"])
    if not is_right:
        raise PinWrong("This is not the PIN. Try again, or scan the badge.", field="pin")
    return employee


def _check_form(pin: str) -> None:
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise InvalidInput(f"A PIN has {SHORTEST} to {LONGEST} digits.", field="pin")
    if len(set(pin)) == 1 or pin in TOO_EASY:
        raise InvalidInput("This PIN is the first that anybody tries. Choose another one.", field="pin")


def _hashed(pin: str) -> str:
    salt = secrets.token_bytes(16)
    return f"pbkdf2${ROUNDS}${salt.hex()}${_digest(pin, salt, ROUNDS)}"


def _digest(pin: str, salt: bytes, rounds: int) -> str:
    return hashlib.pbkdf2_hmac("sha256", pin.encode(), salt, rounds).hex()


def _is_right(pin_hash: str, pin: str) -> bool:
    stored = parts(pin_hash)
    if stored is None:
        return not pin
    return hmac.compare_digest(_digest(pin, bytes.fromhex(stored.salt), stored.rounds), stored.hash)
