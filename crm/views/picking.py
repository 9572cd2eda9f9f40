"""What the form pages before the quote have in common: companies, who asks, and customers found by typing."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from crm.selectors.catalogue import Catalogue, named
from masterdata.access import person
from masterdata.models import Company, User
from masterdata.pages import FormPage
from masterdata.rights import visible_to


class SalesForm(FormPage):
    """A form of a company where the user may do what the page does."""

    template_name = "crm/pick_form.html"
    picks_customer = False

    @property
    def me(self) -> User:
        found = person(self.request)
        assert found is not None, "signed in, or the page is closed"
        return found

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.request.user, self.request.plants)  # type: ignore[attr-defined]

    def get_form_kwargs(self) -> dict[str, Any]:
        companies = visible_to(self.request.user, Company.objects.order_by("name"), self.permission)
        picks = {"catalogue": self.catalogue} if self.picks_customer else {}
        return {"companies": companies, "user": self.me} | picks

    def get_context_data(self, form: Any) -> dict[str, Any]:
        names = [named(row) for row in self.catalogue.customers.values()] if self.picks_customer else []
        return super().get_context_data(form) | {"customers": names}
