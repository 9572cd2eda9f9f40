"""The shop floor over REST: operations, machines, alarms, dispatch."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from mes.rest import machines, operations

router = SimpleRouter()
for subject in (operations, machines):
    for prefix, viewset in subject.VIEWSETS:
        router.register(prefix, viewset, basename=prefix)

urlpatterns = [
    path("machine-events/", machines.MachineEvents.as_view(), name="machine-events"),
    *router.urls,
]
