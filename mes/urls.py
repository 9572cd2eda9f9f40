"""Addresses of the shop floor: /tablet/ at the machines, /floor/ in the office."""

from django.urls import path

from mes.views import devices, floor, tablet, tapping, tracing

app_name = "mes"

urlpatterns = [
    path("floor/", floor.Floor.as_view(), name="floor"),
    path("floor/alarms/", floor.Alarms.as_view(), name="alarms"),
    path("floor/strip/<int:plant_id>/", floor.strip, name="alarm_strip"),
    path("floor/alarms/<int:pk>/acknowledge/", floor.Acknowledge.as_view(), name="acknowledge"),
    path("floor/machines/<int:pk>/down/", floor.ReportDown.as_view(), name="report_down"),
    path("floor/machines/<int:pk>/up/", floor.ReportUp.as_view(), name="report_up"),
    path("floor/devices/", devices.Devices.as_view(), name="devices"),
    path("floor/devices/enrol/", devices.Enrol.as_view(), name="enrolment_create"),
    path("floor/devices/enrolments/<int:pk>/", devices.enrolment, name="enrolment"),
    path("floor/devices/<int:pk>/", devices.DevicePage.as_view(), name="device"),
    path("floor/devices/<int:pk>/revoke/", devices.Revoke.as_view(), name="device_revoke"),
    path("trace/", tracing.Trace.as_view(), name="trace"),
    path("trace/lots/<int:pk>/", tracing.TraceLot.as_view(), name="trace_lot"),
    path("trace/work-orders/<int:pk>/", tracing.TraceWork.as_view(), name="trace_work"),
    path("trace/lots/<int:pk>/recall/", tracing.RecallPage.as_view(), name="recall"),
    path("trace/lots/<int:pk>/recall/block/", tracing.BlockRecall.as_view(), name="block_recall"),
    path("trace/lots/<int:pk>/recall/unblock/", tracing.UnblockRecall.as_view(), name="unblock_recall"),
    path("tablet/", tablet.choose, name="tablet"),
    path("tablet/<str:code>/", tablet.List.as_view(), name="station"),
    path("tablet/<str:code>/scan/", tapping.Scan.as_view(), name="scan"),
    path("tablet/<str:code>/stop/", tapping.MachineDown.as_view(), name="stop"),
    path("tablet/<str:code>/up/", tapping.MachineUp.as_view(), name="up"),
    path("tablet/<str:code>/jobs/<int:operation_id>/", tablet.Job.as_view(), name="job"),
    path("tablet/<str:code>/jobs/<int:operation_id>/start/", tapping.Start.as_view(), name="start"),
    path("tablet/<str:code>/jobs/<int:operation_id>/resume/", tapping.Resume.as_view(), name="resume"),
    path("tablet/<str:code>/jobs/<int:operation_id>/pause/", tapping.Pause.as_view(), name="pause"),
    path("tablet/<str:code>/jobs/<int:operation_id>/report/", tapping.Report.as_view(), name="report"),
]
