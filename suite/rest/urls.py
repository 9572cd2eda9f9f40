"""Every app's REST endpoints under /api/v1/<app>/."""

from django.urls import include, path, re_path

from suite.rest import views

app_name = "api"

urlpatterns = [
    path("schema/", views.Description.as_view(), name="schema"),
    path("docs/", views.documentation, name="docs"),
    path("masterdata/", include(("masterdata.rest", "masterdata"))),
    path("erp/", include(("erp.rest", "erp"))),
    path("crm/", include(("crm.rest", "crm"))),
    path("aps/", include(("aps.rest", "aps"))),
    path("mes/", include(("mes.rest", "mes"))),
    path("", include(("suite.rest.asks", "asks"))),
    path("", include(("suite.rest.board", "board"))),
    path("", include(("suite.rest.quotes", "quotes"))),
    path("", include(("suite.rest.schedules", "schedules"))),
    path("", include(("suite.rest.promises", "promise_chains"))),
    path("", include(("suite.rest.imports", "imports"))),
    re_path(r"^.*$", views.Nothing.as_view(), name="nothing"),
]
