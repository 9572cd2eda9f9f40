"""A quotation is lost: the page asks why."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm import services
from crm.models import Quotation
from crm.pipeline_forms import LoseForm
from crm.selectors import visible_quotations
from masterdata.pages import EditPage, sent_version


class LoseQuotation(EditPage):
    """The customer said no."""

    permission, form_class = "crm.write_quotation", LoseForm
    submit_label, done_message = _("Note as lost"), _("Noted as lost.")

    def get_rows(self) -> QuerySet[Quotation]:
        return visible_quotations(self.request.user)

    def get_title(self) -> Any:
        return _t("Why is %(number)s lost?") % {"number": self.get_object().number}

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().number, reverse("crm:quotation", args=[self.get_object().pk])

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        row = self.get_object()
        services.lose_quotation(
            quotation_id=row.pk,
            lost_reason_id=given["lost_reason"].pk if given["lost_reason"] else None,
            lost_note=given["lost_note"],
            now=timezone.now(),
            expected_version=sent_version(self.request),
        )
        return reverse("crm:quotation", args=[row.pk])
