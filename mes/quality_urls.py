"""Addresses of quality."""

from django.urls import path

from mes.views import check_plans, checks, control, gauges, nonconformances, poor_quality, quality, raising

urlpatterns = [
    path("quality/", quality.Start.as_view(), name="quality"),
    path("quality/holds/", quality.Holds.as_view(), name="holds"),
    path("quality/holds/<int:pk>/release/", quality.ReleaseHold.as_view(), name="release_hold"),
    path("quality/plans/", check_plans.CheckPlans.as_view(), name="check_plans"),
    path("quality/plans/new/<int:pk>/", check_plans.NewCheckPlan.as_view(), name="new_check_plan"),
    path("quality/plans/<int:pk>/", check_plans.CheckPlanPage.as_view(), name="check_plan"),
    path("quality/plans/<int:pk>/change/", check_plans.ChangeCheckPlan.as_view(), name="change_check_plan"),
    path("quality/plans/<int:pk>/activate/", check_plans.Activate.as_view(), name="activate_check_plan"),
    path("quality/plans/<int:pk>/retire/", check_plans.Retire.as_view(), name="retire_check_plan"),
    path("quality/plans/<int:pk>/renew/", check_plans.Renew.as_view(), name="renew_check_plan"),
    path("quality/plans/<int:pk>/add/", check_plans.AddCharacteristic.as_view(), name="add_characteristic"),
    path(
        "quality/characteristics/<int:pk>/change/",
        check_plans.ChangeCharacteristic.as_view(),
        name="change_characteristic",
    ),
    path(
        "quality/characteristics/<int:pk>/remove/",
        check_plans.RemoveCharacteristic.as_view(),
        name="remove_characteristic",
    ),
    path("quality/checks/", checks.Results.as_view(), name="check_results"),
    path("quality/checks/<int:pk>/", checks.ResultPage.as_view(), name="check_result"),
    path("quality/operations/<int:operation_id>/checks/<int:pk>/", checks.RecordCheck.as_view(), name="record_check"),
    path("quality/spc/", control.Control.as_view(), name="spc"),
    path("quality/spc/<int:pk>/", control.Control.as_view(), name="spc_of"),
    path("quality/gauges/", gauges.Gauges.as_view(), name="gauges"),
    path("quality/gauges/new/<int:pk>/", gauges.NewGauge.as_view(), name="new_gauge"),
    path("quality/gauges/<int:pk>/", gauges.GaugePage.as_view(), name="gauge"),
    path("quality/gauges/<int:pk>/change/", gauges.ChangeGauge.as_view(), name="change_gauge"),
    path("quality/gauges/<int:pk>/calibrate/", gauges.Calibrate.as_view(), name="calibrate"),
    path("quality/nonconformances/", nonconformances.NonConformances.as_view(), name="nonconformances"),
    path("quality/nonconformances/raise/", raising.Raise.as_view(), name="raise"),
    path(
        "quality/nonconformances/raise/operation/<int:pk>/",
        raising.RaiseOfOperation.as_view(),
        name="raise_of_operation",
    ),
    path("quality/nonconformances/raise/receipt/<int:pk>/", raising.RaiseOfReceipt.as_view(), name="raise_of_receipt"),
    path("quality/nonconformances/raise/return/<int:pk>/", raising.RaiseOfReturn.as_view(), name="raise_of_return"),
    path("quality/nonconformances/raise/line/<int:pk>/", raising.RaiseOfLine.as_view(), name="raise_of_line"),
    path("quality/nonconformances/<int:pk>/", nonconformances.NonConformancePage.as_view(), name="nonconformance"),
    path("quality/nonconformances/<int:pk>/decide/", nonconformances.Decide.as_view(), name="decide"),
    path("quality/nonconformances/<int:pk>/close/", nonconformances.Close.as_view(), name="close_nonconformance"),
    path("quality/nonconformances/<int:pk>/withdraw/", nonconformances.Withdraw.as_view(), name="withdraw"),
    path("quality/nonconformances/<int:pk>/photo/", nonconformances.AddPhoto.as_view(), name="add_photo"),
    path("quality/photos/<uuid:photo_id>/", nonconformances.photo, name="quality_photo"),
    path("quality/cost/", poor_quality.PoorQuality.as_view(), name="poor_quality"),
    path("quality/suppliers/", poor_quality.Suppliers.as_view(), name="supplier_quality"),
]
