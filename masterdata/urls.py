"""Addresses of master data."""

from django.urls import path

from masterdata.views import beside, boms, children, machines, materials, partners, pins, registers, routings

app_name = "masterdata"

urlpatterns = [
    path("partners/", partners.Partners.as_view(), name="partners"),
    path("partners/new/", partners.CreatePartner.as_view(), name="partner_create"),
    path("partners/<int:pk>/", partners.PartnerPage.as_view(), name="partner"),
    path("partners/<int:pk>/edit/", partners.EditPartner.as_view(), name="partner_edit"),
    path("materials/", materials.Materials.as_view(), name="materials"),
    path("materials/new/", materials.CreateMaterial.as_view(), name="material_create"),
    path("materials/<int:pk>/", materials.MaterialPage.as_view(), name="material"),
    path("materials/<int:pk>/edit/", materials.EditMaterial.as_view(), name="material_edit"),
    path("materials/<int:pk>/bom/", boms.WriteBom.as_view(), name="bom_write"),
    path("materials/<int:pk>/routing/<int:plant>/", routings.WriteRouting.as_view(), name="routing_write"),
    path("boms/", boms.Boms.as_view(), name="boms"),
    path("boms/<int:pk>/", boms.BomPage.as_view(), name="bom"),
    path("boms/<int:pk>/byproducts/", beside.WriteByproducts.as_view(), name="bom_byproducts"),
    path("boms/<int:pk>/substitutes/", beside.WriteSubstitutes.as_view(), name="bom_substitutes"),
    path("boms/<int:pk>/freeze/", boms.FreezeBom.as_view(), name="bom_freeze"),
    path("routings/<int:pk>/", routings.RoutingPage.as_view(), name="routing"),
    path("routings/<int:pk>/freeze/", routings.FreezeRouting.as_view(), name="routing_freeze"),
    path("machines/", machines.Machines.as_view(), name="machines"),
    path("machines/new/", machines.CreateMachine.as_view(), name="machine_create"),
    path("machines/<int:pk>/", machines.MachinePage.as_view(), name="machine"),
    path("machines/<int:pk>/edit/", machines.EditMachine.as_view(), name="machine_edit"),
    path("registers/", registers.overview, name="registers"),
    path("registers/employees/<int:pk>/pin/", pins.SetPin.as_view(), name="employee_pin"),
    *registers.urlpatterns(),
    *children.urlpatterns(),
]
