"""Gauges and their calibrations."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Plant, User
from mes.models import Gauge, GaugeCalibration


class GaugeExpired(Refusal):
    """What such a gauge measures proves nothing."""

    code = "gauge_expired"


@transaction.atomic
def create_gauge(
    *, plant: Plant, code: str, name: str, resolution: str = "", interval_days: int = 365, is_active: bool = True
) -> Gauge:
    """A new gauge; it may be used from its first calibration on. Raises InvalidInput."""
    code = code.strip().upper()
    if not code:
        raise InvalidInput("Give the gauge the code that stands on it.", field="code")
    if Gauge.objects.filter(plant=plant, code=code).exists():
        raise InvalidInput(f"{plant.name} has a gauge {code} already. Give this one another code.", field="code")
    _check(name, interval_days)
    return Gauge.objects.create(
        plant=plant,
        code=code,
        name=name.strip(),
        resolution=resolution.strip(),
        interval_days=interval_days,
        is_active=is_active,
    )


@transaction.atomic
def change_gauge(*, gauge_id: int, name: str, resolution: str, interval_days: int, is_active: bool) -> Gauge:
    """Its name, how finely it reads, how often it is calibrated, whether it is in use. Raises InvalidInput."""
    gauge = _hold(gauge_id)
    _check(name, interval_days)
    gauge.name, gauge.resolution = name.strip(), resolution.strip()
    gauge.interval_days, gauge.is_active = interval_days, is_active
    gauge.save()
    return gauge


@transaction.atomic
def calibrate_gauge(
    *,
    gauge_id: int,
    done_on: dt.date,
    now: dt.datetime,
    by: User | None,
    certificate: str = "",
    valid_until: dt.date | None = None,
) -> GaugeCalibration:
    """It was calibrated; it may be used until `valid_until` (empty: as long as its interval). Raises InvalidInput."""
    gauge = _hold(gauge_id)
    if done_on > now.date() + dt.timedelta(days=1):
        raise InvalidInput("Enter a calibration when it was done: this day is still to come.", field="done_on")
    until = valid_until or done_on + dt.timedelta(days=gauge.interval_days)
    if until <= done_on:
        raise InvalidInput("It has to be valid beyond the day of the calibration.", field="valid_until")
    row = GaugeCalibration.objects.create(
        gauge=gauge, done_on=done_on, valid_until=until, certificate=certificate.strip(), by=by, made_at=now
    )
    if gauge.calibrated_on is None or done_on >= gauge.calibrated_on:
        gauge.calibrated_on, gauge.valid_until = done_on, until
        gauge.save(update_fields=["calibrated_on", "valid_until"])
    return row


def check_gauge(gauge: Gauge, *, plant_id: int, on: dt.date) -> None:
    """Refuse a gauge of elsewhere, one that is out of use, and one whose calibration has ended.

    Raises InvalidInput, GaugeExpired.
    """
    if gauge.plant_id != plant_id:
        raise InvalidInput(f"Gauge {gauge.code} belongs to another plant. Take one of this plant.", field="gauge")
    if not gauge.is_active:
        raise InvalidInput(f"Gauge {gauge.code} is out of use. Take another one.", field="gauge")
    if gauge.valid_until is None:
        raise GaugeExpired(
            f"Gauge {gauge.code} was never calibrated. Take another one, or have it calibrated first.",
            field="gauge",
            gauge=gauge.code,
        )
    if gauge.valid_until < on:
        raise GaugeExpired(
            f"The calibration of gauge {gauge.code} ended on {gauge.valid_until:%d %b %Y}. Take another gauge, or have "
            "this one calibrated first.",
            field="gauge",
            gauge=gauge.code,
            valid_until=gauge.valid_until.isoformat(),
        )


def _check(name: str, interval_days: int) -> None:
    if not name.strip():
        raise InvalidInput("Say what it is, as caliper or feeler gauge.", field="name")
    if interval_days < 1:
        raise InvalidInput("Enter one day or more.", field="interval_days")


def _hold(gauge_id: int) -> Gauge:
    return Gauge.objects.select_for_update(no_key=True).order_by("pk").get(pk=gauge_id)
