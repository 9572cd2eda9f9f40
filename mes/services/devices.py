"""Tablets become devices of a plant: a code for a quarter of an hour, then a token of their own until it is revoked."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid

from django.db import transaction

from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Machine, Membership, Plant, User
from mes.models import Device, Enrolment, EventPhoto

CODE_LASTS = dt.timedelta(minutes=15)
MOST_PHOTO_BYTES = 4 * 1024 * 1024
SIGNATURES = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "image/webp": b"RIFF"}


class WrongCode(Refusal):
    """No enrolment waits for this code."""

    code = "wrong_code"


class DeviceRevoked(Refusal):
    """The device may report nothing any more."""

    code = "device_revoked"
    status = 403


class UnusablePhoto(InvalidInput):
    """Too large, or no picture."""

    code = "unusable_photo"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def offer_enrolment(
    *, name: str, plant: Plant, by: User, now: dt.datetime, machine: Machine | None = None
) -> tuple[Enrolment, str]:
    """A code of eight digits that makes one tablet a device of the plant; it is shown once and lasts 15 minutes.

    The tablet gets an operator's rights there. Raises InvalidInput.
    """
    if not name.strip():
        raise InvalidInput("Give the tablet a name, for example the machine that it hangs at.", field="name")
    if machine is not None and machine.work_centre.plant_id != plant.pk:
        raise InvalidInput(f"{machine.code} is in another plant.", field="machine")
    code = f"{secrets.randbelow(10**8):08d}"
    row = Enrolment.objects.create(
        code_sha256=_digest(code),
        name=name.strip()[:80],
        plant=plant,
        machine=machine,
        made_by=by,
        expires_at=now + CODE_LASTS,
    )
    return row, code


@transaction.atomic
def enrol(*, code: str, uid: uuid.UUID, now: dt.datetime) -> tuple[Device, str]:
    """The tablet is a device from now on; its token, which is told once. Raises WrongCode."""
    digest = _digest(code.strip().replace(" ", ""))
    row = (
        Enrolment.objects.select_for_update(no_key=True, of=("self",))
        .filter(code_sha256=digest, used_by=None, expires_at__gt=now)
        .select_related("plant")
        .order_by("pk")
        .first()
    )
    if row is None:
        raise WrongCode("This code is not known, was used or is older than 15 minutes. Make a new one.", field="code")
    token = secrets.token_urlsafe(32)
    device = Device.objects.filter(uid=uid).first() or Device(uid=uid)
    device.name, device.plant, device.machine = row.name, row.plant, row.machine
    device.user = _tablets_of(row.plant)
    device.token_sha256, device.enrolled_at, device.revoked_at = _digest(token), now, None
    device.save()
    row.used_by = device
    row.save(update_fields=["used_by"])
    return device, token


def _tablets_of(plant: Plant) -> User:
    """Whose rights the plant's enrolled tablets have: an operator there, with whom nobody can log in."""
    user, is_new = User.objects.get_or_create(username=f"tablets-{plant.code.lower()}")
    if is_new:
        user.set_unusable_password()
        user.first_name, user.last_name = "Tablets", plant.name[:100]
        user.save()
        Membership.objects.create(user=user, role="operator", company_id=plant.company_id, plant=plant)
    return user


def device_by_token(token: str) -> Device | None:
    """The enrolled device with this token, unless it was revoked."""
    if not token:
        return None
    return Device.objects.select_related("user", "plant").filter(token_sha256=_digest(token), revoked_at=None).first()


@transaction.atomic
def revoke_device(*, device_id: int, now: dt.datetime) -> Device:
    """Lost or retired: it reports nothing any more. What it has sent stays."""
    device = Device.objects.select_for_update(no_key=True, of=("self",)).order_by("pk").get(pk=device_id)
    device.revoked_at = device.revoked_at or now
    device.token_sha256 = ""
    device.save(update_fields=["revoked_at", "token_sha256"])
    live.publish("device", device.pk, plant_id=device.plant_id)
    return device


@transaction.atomic
def browser(*, uid: uuid.UUID, name: str, plant_id: int) -> Device:
    """The device with this uid; a browser that somebody has logged in with becomes one when it first sends.

    Raises DeviceRevoked.
    """
    device = Device.objects.get_or_create(uid=uid, defaults={"name": name[:80] or "Browser", "plant_id": plant_id})[0]
    if device.is_revoked:
        raise DeviceRevoked(
            f"{device.name} was revoked and reports nothing any more. What it holds stays on it: enrol it again."
        )
    return device


@transaction.atomic
def keep_photo(*, photo_id: uuid.UUID, content: bytes, plant_id: int, device: Device | None = None) -> EventPhoto:
    """A photo of the floor; the same id again keeps the first. Raises UnusablePhoto."""
    if len(content) > MOST_PHOTO_BYTES:
        raise UnusablePhoto("A photo has at most 4 MB. Take it again with less detail.", field="photo")
    kind = next((kind for kind, start in SIGNATURES.items() if content.startswith(start)), "")
    if not kind or (kind == "image/webp" and content[8:12] != b"WEBP"):
        raise UnusablePhoto("Send a photo as JPEG, PNG or WebP.", field="photo")
    return EventPhoto.objects.get_or_create(
        id=photo_id,
        defaults={
            "plant_id": plant_id,
            "device": device,
            "content": content,
            "content_type": kind,
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    )[0]
