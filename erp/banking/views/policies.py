"""The page of a company's money policy: what goes by itself, and what needs a second person."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.banking.forms import MoneyPolicyForm
from erp.treasury import banks
from masterdata import shown
from masterdata.access import visible_to
from masterdata.models import Company
from masterdata.pages import EditPage, sent_version


class MoneyPolicyPage(EditPage):
    """How far a company's money matters go by themselves."""

    permission, form_class = "erp.set_money_policy", MoneyPolicyForm
    done_message, submit_label = _l("Set. It holds from now on."), _l("Set")

    def get_rows(self) -> QuerySet[Company]:
        return visible_to(self.request.user, Company.objects.all(), self.permission)

    def get_version(self) -> str:
        policy = banks.policy_of(self.get_object().pk)
        return str(policy.version) if policy.pk else ""

    def get_title(self) -> Any:
        return _("Money policy of %(company)s") % {"company": self.get_object().name}

    def get_back(self) -> tuple[Any, str]:
        return _("Bank accounts"), reverse("erp:bank_accounts")

    def get_initial(self) -> dict[str, Any]:
        policy = banks.policy_of(self.get_object().pk)
        return {
            "write_off_limit": shown.plain(policy.write_off_limit),
            "discount_grace_days": policy.discount_grace_days,
            "invoice_limit": shown.plain(policy.invoice_limit),
        }

    def perform(self, form: Any) -> str:
        banks.set_money_policy(
            company_id=self.get_object().pk,
            expected_version=sent_version(self.request),
            **form.cleaned_data,
        )
        return reverse("erp:bank_accounts")
