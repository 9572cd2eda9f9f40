"""A component of firm work: use what the BOM lets stand in for it, or the component itself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.planning import selectors, services
from erp.production.models import WorkOrderMaterial
from masterdata import shown
from masterdata.access import visible_to
from masterdata.pages import EditPage


class UseForm(forms.Form):
    """Which of them is used."""

    use = forms.ChoiceField(label=_l("Use"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["use"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class ReplaceComponent(EditPage):
    """The component, and what may be used instead, each with what is free of it."""

    permission, form_class = "erp.write_work_order", UseForm
    done_message = _l("The work order says so now. What it no longer needs is free for others.")

    def get_rows(self) -> QuerySet[WorkOrderMaterial]:
        rows = WorkOrderMaterial.objects.select_related(
            "work_order__plant", "material__unit", "instead_of__unit", "unit"
        )
        return visible_to(self.request.user, rows, self.permission)

    def get_title(self) -> Any:
        row = self.get_object()
        return _("%(code)s of %(number)s") % {
            "code": (row.instead_of or row.material).code,
            "number": row.work_order.number,
        }

    def get_back(self) -> tuple[Any, str]:
        order = self.get_object().work_order
        return order.number, reverse("erp:work_order", args=[order.pk]) + "?tab=materials"

    def get_version(self) -> str:
        return str(self.get_object().work_order.version)

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        return {"use": str(row.material_id) if row.instead_of_id else "component"}

    def get_form_kwargs(self) -> dict[str, Any]:
        found = selectors.may_be_used(self.get_object())
        some = _("%(code)s %(name)s: %(quantity)s needed, %(free)s free in stock")
        none = _("%(code)s %(name)s: %(quantity)s needed, nothing free in stock")
        main, *others = [
            (some if one.free else none)
            % {
                "code": one.material.code,
                "name": one.material.name,
                "quantity": shown.quantity(one.quantity, one.material.unit.code),
                "free": shown.quantity(one.free, one.material.unit.code),
            }
            for one in found
        ]
        keys = [str(one.material.pk) for one in found[1:]]
        return {"choices": [("component", main), *zip(keys, others, strict=True)]}

    def perform(self, form: Any) -> str:
        row, use, now = self.get_object(), form.cleaned_data["use"], timezone.now()
        version = int(self.request.POST["version"]) if self.request.POST.get("version") else None
        if use == "component":
            services.keep_component(need_id=row.pk, now=now, expected_version=version)
        else:
            services.use_substitute(need_id=row.pk, material_id=int(use), now=now, expected_version=version)
        return self.get_back()[1]
