"""What is done with webhook endpoints: made, edited, paused, tried, and deliveries sent again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata import facts, services
from masterdata.access import visible_to
from masterdata.models import Company, Plant, WebhookDelivery
from masterdata.pages import DeedView, EditPage, FormPage, OfCompanyForm, OfCompanyPage, sent_version
from suite.house.webhooks import MANAGE, ONCE, EndpointRows


class EndpointForm(OfCompanyForm):
    """Where to, and what it hears."""

    name = forms.CharField(label=_l("Name"), max_length=80)
    url = forms.CharField(label=_l("Address"), max_length=500, help_text="https://example.com/throughline")
    plants = forms.ModelMultipleChoiceField(
        Plant.objects.none(), label=_l("Plants"), required=False, help_text=_l("None chosen: all of the company")
    )
    kinds = forms.MultipleChoiceField(label=_l("Facts"), required=False, help_text=_l("None chosen: all"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plants = Plant.objects.filter(company__in=self.companies).order_by("name")
        self.fields["plants"].queryset = plants  # type: ignore[attr-defined]
        self.fields["kinds"].choices = [(kind, kind) for kind in facts.kinds()]  # type: ignore[attr-defined]
        self.fields["kinds"].widget.attrs["size"] = 12


def keep_once(request: Any, issued: services.IssuedWebhook) -> str:
    """The secret is shown on the next page and then forgotten; where that is."""
    request.session[f"{ONCE}_{issued.endpoint.pk}"] = issued.secret
    return reverse("suite:webhook", args=[issued.endpoint.pk])


class Create(OfCompanyPage):
    permission, title, form_class = MANAGE, _l("New endpoint"), EndpointForm

    def get_back(self) -> tuple[Any, str]:
        return _("Webhooks"), reverse("suite:webhooks")

    def perform(self, form: Any) -> str:
        issued = services.make_endpoint(now=timezone.now(), by=self.request.user, **form.cleaned_data)  # type: ignore[arg-type]
        return keep_once(self.request, issued)


class Edit(EndpointRows, EditPage, FormPage):
    permission, title, form_class, done_message = MANAGE, _l("Edit endpoint"), EndpointForm, _l("Saved.")

    def get_back(self) -> tuple[Any, str]:
        return self.get_object().name, reverse("suite:webhook", args=[self.get_object().pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"companies": Company.objects.filter(pk=self.get_object().company_id)}

    def get_initial(self) -> dict[str, Any]:
        row = self.get_object()
        return {"name": row.name, "url": row.url, "kinds": row.kinds, "plants": list(row.plants.all())}

    def perform(self, form: Any) -> str:
        row, given = self.get_object(), dict(form.cleaned_data)
        given.pop("company")
        services.change_endpoint(endpoint_id=row.pk, expected_version=sent_version(self.request), **given)
        return reverse("suite:webhook", args=[row.pk])


class EndpointDeed(EndpointRows, DeedView):
    permission = MANAGE

    def page(self, row: Any) -> str:
        return reverse("suite:webhook", args=[row.pk])


class Rotate(EndpointDeed):
    def perform(self, row: Any) -> str:
        return keep_once(self.request, services.rotate_secret(endpoint_id=row.pk, now=timezone.now()))


class Pause(EndpointDeed):
    done_message = _l("Paused: nothing is noted for it or sent to it.")

    def perform(self, row: Any) -> str:
        services.pause_endpoint(endpoint_id=row.pk)
        return self.page(row)


class Resume(EndpointDeed):
    done_message = _l("It is told again, and what waits is sent.")

    def perform(self, row: Any) -> str:
        services.resume_endpoint(endpoint_id=row.pk, now=timezone.now())
        return self.page(row)


class Test(EndpointDeed):
    done_message = _l("A test event is on its way.")

    def perform(self, row: Any) -> str:
        services.send_test(endpoint_id=row.pk, now=timezone.now())
        return self.page(row)


class Retry(DeedView):
    permission = MANAGE

    def get_rows(self) -> QuerySet[WebhookDelivery]:
        return visible_to(self.request.user, WebhookDelivery.objects.all(), MANAGE)

    def perform(self, row: Any) -> str:
        services.retry_delivery(delivery_id=row.pk, now=timezone.now())
        messages.success(self.request, _("It is tried again now."))
        return reverse("suite:webhook", args=[row.endpoint_id])
