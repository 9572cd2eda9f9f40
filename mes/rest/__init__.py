"""The shop floor over REST: operations, machines, alarms, dispatch."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from mes.rest import (
    checks,
    instructions,
    labels,
    machines,
    nonconformances,
    oee,
    operations,
    people,
    standard_times,
    sync,
    tracing,
)

router = SimpleRouter()
SUBJECTS = (
    *(operations, machines, people, checks, nonconformances, sync, tracing, instructions),
    *(oee, standard_times),
)
for subject in SUBJECTS:
    for prefix, viewset in subject.VIEWSETS:
        router.register(prefix, viewset, basename=prefix)

urlpatterns = [
    path("sync/", sync.Sync.as_view(), name="sync"),
    path("photos/", sync.Photos.as_view(), name="photos"),
    path("photos/<uuid:pk>/", sync.Photo.as_view(), name="photo"),
    path("machine-events/", machines.MachineEvents.as_view(), name="machine-events"),
    path("labels/pdf/", labels.LabelsPdf.as_view(), name="labels-pdf"),
    path("labels/zpl/", labels.LabelsZpl.as_view(), name="labels-zpl"),
    *router.urls,
]
