"""What customers were told."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from crm.models import Notice
from masterdata.rights import visible_to


def visible_notices(user: Any) -> QuerySet[Notice]:
    """Notices about orders of plants that the user may see, the newest first."""
    return (
        visible_to(user, Notice.objects.all()).select_related("customer", "promise__order_line__order").order_by("-pk")
    )
