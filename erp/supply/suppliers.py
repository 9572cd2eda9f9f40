"""A supplier as REST bodies name it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from masterdata.api.serializers import Visible
from masterdata.models import Partner


def supplier_field(**options: Any) -> Visible:
    """A partner that is a supplier and in use; others are refused with a sentence."""
    return Visible(
        queryset=Partner.objects.filter(is_supplier=True, is_active=True),
        error_messages={"does_not_exist": _("Partner {pk_value} is no supplier in use: choose one that is.")},
        **options,
    )
