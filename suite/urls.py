"""Where every address leads."""

from django.urls import include, path

from suite import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/", include("suite.rest.urls")),
    path("master-data/", include("masterdata.urls")),
    path("plan/", include("aps.urls")),
    path("", include("mes.urls")),
    path("", include("suite.shell.urls")),
    path("", include("crm.urls")),
    path("", include("erp.urls")),
]
