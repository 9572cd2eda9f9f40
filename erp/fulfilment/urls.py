"""Addresses of fulfilment."""

from django.urls import path

from erp.fulfilment.views import deeds, due, labels, packing, picking, printed, returns, reworking, shipments

urlpatterns = [
    path("orders/<int:pk>/pack/", deeds.Pack.as_view(), name="order_pack"),
    path("orders/<int:pk>/pick/", picking.PickOrder.as_view(), name="order_pick"),
    path("orders/<int:pk>/scan/", packing.StartPacking.as_view(), name="order_scan"),
    path("orders/<int:pk>/bring-together/", deeds.BringTogether.as_view(), name="order_bring"),
    path("orders/<int:pk>/shipping/", deeds.SetShipping.as_view(), name="order_shipping"),
    path("orders/<int:pk>/cancel/", deeds.CancelOrder.as_view(), name="order_cancel"),
    path("orders/<int:pk>/return/", returns.Authorise.as_view(), name="return_authorise"),
    path("to-ship/", due.ToShip.as_view(), name="to_ship"),
    path("backorders/", due.LeftOver.as_view(), name="backorders"),
    path("pick-lists/", picking.PickLists.as_view(), name="pick_lists"),
    path("pick-lists/plan/", picking.PlanWave.as_view(), name="pick_wave"),
    path("pick-lists/<int:pk>/", picking.Walk.as_view(), name="pick_walk"),
    path("pick-lists/<int:pk>/pdf/", printed.PickingList.as_view(), name="picking_list"),
    path("shipments/", shipments.Shipments.as_view(), name="shipments"),
    path("shipments/<int:pk>/", shipments.ShipmentPage.as_view(), name="shipment"),
    path("shipments/<int:pk>/ship/", deeds.Ship.as_view(), name="shipment_ship"),
    path("shipments/<int:pk>/pack/", packing.Packing.as_view(), name="shipment_pack"),
    path("shipments/<int:pk>/load/", packing.Loading.as_view(), name="shipment_load"),
    path("shipments/<int:pk>/labels/", labels.PackageLabels.as_view(), name="shipment_labels"),
    path("shipments/<int:pk>/note/", printed.DeliveryNote.as_view(), name="delivery_note"),
    path("shipments/<int:pk>/labels/pdf/", printed.PackageLabelsPdf.as_view(), name="shipment_labels_pdf"),
    path("shipments/<int:pk>/unpack/", deeds.Unpack.as_view(), name="shipment_unpack"),
    path("shipments/<int:pk>/carrier/", deeds.SetCarrier.as_view(), name="shipment_carrier"),
    path("shipments/<int:pk>/deliver/", deeds.Deliver.as_view(), name="shipment_deliver"),
    path("shipments/<int:pk>/proof/", deeds.Proof.as_view(), name="shipment_proof"),
    path("returns/", returns.Returns.as_view(), name="returns"),
    path("returns/<int:pk>/", returns.ReturnPage.as_view(), name="return"),
    path("returns/<int:pk>/receive/", returns.ReceiveReturn.as_view(), name="return_receive"),
    path("returns/<int:pk>/close/", returns.CloseReturn.as_view(), name="return_close"),
    path("returns/pieces/<int:pk>/", returns.Decide.as_view(), name="return_decide"),
    path("returns/pieces/<int:pk>/rework/", reworking.Rework.as_view(), name="return_rework"),
]
