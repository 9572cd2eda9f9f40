"""Customers over REST: quotations, promises, notices."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from crm.rest import (
    activities,
    approvals,
    cases,
    contracts,
    leads,
    message_templates,
    messages,
    notice_settings,
    pipeline,
    prices,
    promises,
    quotations,
    reliability,
    timeline,
)

router = SimpleRouter()
SUBJECTS = (
    quotations, approvals, prices, promises, contracts, messages, message_templates, leads, pipeline, activities, cases,
    notice_settings, timeline,
)  # fmt: skip
for subject in SUBJECTS:
    for prefix, viewset in subject.VIEWSETS:
        router.register(prefix, viewset, basename=prefix)

urlpatterns = [*router.urls, path("reliability/", reliability.Reliability.as_view(), name="reliability")]
