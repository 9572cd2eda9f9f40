"""Whether a caller may do what an address stands for."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from masterdata.access import may


class MayDoIt(BasePermission):
    """By the permission that the view declares; a view that declares none is closed. Where is asked row by row."""

    def has_permission(self, request: Request, view: Any) -> bool:
        declared = getattr(view, "permission_now", None)
        return declared is not None and may(request.user, declared())
