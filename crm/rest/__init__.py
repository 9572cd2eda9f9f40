"""Customers over REST: quotations, promises, notices."""

from rest_framework.routers import SimpleRouter

from crm.rest import (
    activities,
    approvals,
    cases,
    contracts,
    leads,
    messages,
    pipeline,
    prices,
    promises,
    quotations,
)

router = SimpleRouter()
SUBJECTS = (
    quotations, approvals, prices, promises, contracts, messages, leads, pipeline, activities, cases,
)  # fmt: skip
for subject in SUBJECTS:
    for prefix, viewset in subject.VIEWSETS:
        router.register(prefix, viewset, basename=prefix)

urlpatterns = router.urls
