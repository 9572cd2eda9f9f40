"""Master data over REST: one router, gathered from the subjects."""

from rest_framework.routers import SimpleRouter

from masterdata.rest import engineering, materials, money, parties, people, places, resources, webhooks

router = SimpleRouter()
for subject in (parties, places, resources, materials, engineering, money, people, webhooks):
    for prefix, viewset in subject.VIEWSETS:
        router.register(prefix, viewset, basename=prefix)

urlpatterns = router.urls
