"""Kept offers, as far as others must know them."""

from __future__ import annotations

import uuid

from aps.models import KeptOffer


def moved_operations(key: uuid.UUID) -> list[int]:
    """Operations of others that the kept offer moves; nothing when it is no longer kept."""
    moved = KeptOffer.objects.filter(pk=key).values_list("moved", flat=True).first()
    return sorted(int(plain[0]) for plain in moved or ())
