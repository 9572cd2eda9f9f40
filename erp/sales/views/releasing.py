"""Releasing a work order, from its page: deposits of its order come first."""

from __future__ import annotations

from typing import Any

from django import forms

from erp.production import control_views
from erp.sales.services.releasing import release_work_order, waits_for_deposit


class Release(control_views.Release):
    """Keep all that it needs and let the floor begin; says which order's deposit it waits for."""

    def get_context_data(self, form: forms.Form) -> dict[str, Any]:
        return super().get_context_data(form) | {"unpaid": waits_for_deposit(self.get_object().pk)}

    def release(self, **given: Any) -> None:
        release_work_order(**given)
