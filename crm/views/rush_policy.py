"""The page of a company's rules for rush orders."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from crm import services
from crm.forms import RushPolicyForm
from masterdata import shown
from masterdata.access import visible_to
from masterdata.models import Company
from masterdata.pages import EditPage, sent_version


class RushPolicyPage(EditPage):
    """How long answers hold, and what needs an approval."""

    permission, form_class = "crm.approve_rush", RushPolicyForm
    done_message, submit_label = _l("Set. It holds from now on."), _l("Set")

    def get_rows(self) -> QuerySet[Company]:
        return visible_to(self.request.user, Company.objects.all(), self.permission)

    def get_version(self) -> str:
        policy = services.rush_policy_of(self.get_object().pk)
        return str(policy.version) if policy.pk else ""

    def get_title(self) -> Any:
        return _("Rules for rush orders of %(company)s") % {"company": self.get_object().name}

    def get_back(self) -> tuple[Any, str]:
        return _("Rush requests"), reverse("crm:rush_requests")

    def get_initial(self) -> dict[str, Any]:
        policy = services.rush_policy_of(self.get_object().pk)
        return {
            "holds_min": policy.holds_min,
            "expires_days": policy.expires_days,
            "asks_when_hurt": policy.asks_when_hurt,
            "cost_above": "" if policy.cost_above is None else shown.plain(policy.cost_above),
            "delivery_cost": shown.plain(policy.delivery_cost) if policy.delivery_cost else "",
        }

    def perform(self, form: Any) -> str:
        services.set_rush_policy(
            company_id=self.get_object().pk,
            expected_version=sent_version(self.request),
            **form.cleaned_data,
        )
        return reverse("crm:rush_requests")
