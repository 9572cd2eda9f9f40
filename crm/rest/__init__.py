"""Customers over REST: quotations, promises, notices."""

from rest_framework.routers import SimpleRouter

from crm.rest import (
    activities,
    approvals,
    cases,
    contracts,
    leads,
    message_templates,
    messages,
    pipeline,
    prices,
    promises,
    quotations,
)

router = SimpleRouter()
SUBJECTS = (
    quotations, approvals, prices, promises, contracts, messages, message_templates, leads, pipeline, activities, cases,
)  # fmt: skip
for subject in SUBJECTS:
    for prefix, viewset in subject.VIEWSETS:
        router.register(prefix, viewset, basename=prefix)

urlpatterns = router.urls
