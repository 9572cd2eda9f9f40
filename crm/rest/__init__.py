"""Customers over REST: quotations, promises, notices."""

from rest_framework.routers import SimpleRouter

from crm.rest import activities, cases, contracts, leads, messages, pipeline, promises, quotations

router = SimpleRouter()
SUBJECTS = (quotations, promises, contracts, messages, leads, pipeline, activities, cases)
for subject in SUBJECTS:
    for prefix, viewset in subject.VIEWSETS:
        router.register(prefix, viewset, basename=prefix)

urlpatterns = router.urls
