"""Addresses of material planning."""

from django.urls import path

from erp.planning.views import messages, parameters, replacing, supply

urlpatterns = [
    path("supply/", messages.ActionMessages.as_view(), name="supply_messages"),
    path("supply/order/", messages.OrderSupply.as_view(), name="supply_order"),
    path("supply/messages/<int:pk>/put-off/", messages.DismissMessage.as_view(), name="message_dismiss"),
    path("supply/planned/<int:pk>/", supply.PlannedSupply.as_view(), name="planned_supply"),
    path("supply/planned/<int:pk>/keep/", supply.KeepPlanned.as_view(), name="planned_supply_keep"),
    path("supply/work-orders/<int:pk>/", supply.WorkSupply.as_view(), name="work_supply"),
    path("supply/work-orders/<int:pk>/firm/", supply.FirmWork.as_view(), name="work_firm"),
    path("supply/components/<int:pk>/", replacing.ReplaceComponent.as_view(), name="component_replace"),
    path("supply/parameters/", parameters.PlanningParameters.as_view(), name="planning_parameters"),
]
