"""Addresses of flow runs, the proof, people and keys."""

from django.urls import path

from suite.house import flow_runs, founding, imports, people, proof, webhook_deeds, webhooks

urlpatterns = [
    path("flow-runs/", flow_runs.FlowRuns.as_view(), name="flow_runs"),
    path("flow-runs/<int:pk>/", flow_runs.FlowRunPage.as_view(), name="flow_run"),
    path("flow-runs/<int:pk>/retry/", flow_runs.Retry.as_view(), name="flow_run_retry"),
    path("webhooks/", webhooks.Endpoints.as_view(), name="webhooks"),
    path("webhooks/new/", webhook_deeds.Create.as_view(), name="webhook_create"),
    path("webhooks/given-up/", webhooks.Deliveries.as_view(), name="webhook_deliveries"),
    path("webhooks/<int:pk>/", webhooks.EndpointPage.as_view(), name="webhook"),
    path("webhooks/<int:pk>/edit/", webhook_deeds.Edit.as_view(), name="webhook_edit"),
    path("webhooks/<int:pk>/rotate/", webhook_deeds.Rotate.as_view(), name="webhook_rotate"),
    path("webhooks/<int:pk>/pause/", webhook_deeds.Pause.as_view(), name="webhook_pause"),
    path("webhooks/<int:pk>/resume/", webhook_deeds.Resume.as_view(), name="webhook_resume"),
    path("webhooks/<int:pk>/test/", webhook_deeds.Test.as_view(), name="webhook_test"),
    path("webhooks/deliveries/<int:pk>/retry/", webhook_deeds.Retry.as_view(), name="webhook_retry"),
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
