"""Addresses of flow runs, the proof, people and keys."""

from django.urls import path

from suite.house import flow_runs, founding, imports, people, proof

urlpatterns = [
    path("flow-runs/", flow_runs.FlowRuns.as_view(), name="flow_runs"),
    path("flow-runs/<int:pk>/", flow_runs.FlowRunPage.as_view(), name="flow_run"),
    path("flow-runs/<int:pk>/retry/", flow_runs.Retry.as_view(), name="flow_run_retry"),
    path("imports/", imports.Imports.as_view(), name="imports"),
    path("imports/new/", imports.Upload.as_view(), name="import_upload"),
    path("imports/templates/<str:name>", imports.template, name="import_template"),
    path("imports/<int:pk>/", imports.ImportPage.as_view(), name="import"),
    path("imports/<int:pk>/now/", imports.ImportNow.as_view(), name="import_now"),
    path("imports/<int:pk>/faults/", imports.Faults.as_view(), name="import_faults"),
    path("imports/<int:pk>/import/", imports.Import.as_view(), name="import_do"),
    path("imports/<int:pk>/check-again/", imports.CheckAgain.as_view(), name="import_again"),
    path("imports/<int:pk>/cancel/", imports.Cancel.as_view(), name="import_cancel"),
    path("proof/", proof.proof, name="proof"),
    path("companies/new/", founding.FoundCompany.as_view(), name="company_create"),
    path("users/", people.Users.as_view(), name="users"),
    path("users/new/", people.CreateUser.as_view(), name="user_create"),
    path("users/<int:pk>/", people.UserPage.as_view(), name="user"),
    path("users/<int:pk>/role/", people.GrantRole.as_view(), name="user_grant"),
    path("users/<int:pk>/switch/", people.Switch.as_view(), name="user_switch"),
    path("users/roles/<int:pk>/withdraw/", people.WithdrawRole.as_view(), name="role_withdraw"),
    path("users/keys/<int:pk>/revoke/", people.RevokeKey.as_view(), name="key_revoke"),
]
