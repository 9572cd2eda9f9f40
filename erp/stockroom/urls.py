"""Addresses of the stockroom."""

from django.urls import path

from erp.stockroom.views import ledger, lots, overview, places, reservations, row, sending, transfers

urlpatterns = [
    path("stock/", overview.Stock.as_view(), name="stock"),
    path("stock/materials/", overview.StockByMaterial.as_view(), name="stock_by_material"),
    path("stock/places/", overview.StockByPlace.as_view(), name="stock_by_place"),
    path("stock/places/<int:pk>/block/", places.BlockPlace.as_view(), name="block_place"),
    path("stock/ledger/<int:pk>/", ledger.Ledger.as_view(), name="stock_ledger"),
    path("stock/rows/<int:pk>/", row.StockRow.as_view(), name="stock_row"),
    path("stock/rows/<int:pk>/move/", row.Move.as_view(), name="move_stock"),
    path("stock/rows/<int:pk>/quarantine/", row.PutApart.as_view(), name="quarantine_stock"),
    path("stock/rows/<int:pk>/set-free/", row.SetFree.as_view(), name="set_stock_free"),
    path("stock/rows/<int:pk>/scrap/", row.Scrap.as_view(), name="scrap_stock"),
    path("stock/rows/<int:pk>/cut/", row.CutRemnant.as_view(), name="cut_remnant"),
    path("stock/lots/", lots.Lots.as_view(), name="lots"),
    path("stock/lots/<int:pk>/", lots.LotPage.as_view(), name="lot"),
    path("stock/lots/<int:pk>/block/", lots.BlockLot.as_view(), name="block_lot"),
    path("stock/lots/<int:pk>/unblock/", lots.UnblockLot.as_view(), name="unblock_lot"),
    path("stock/reservations/", reservations.Reservations.as_view(), name="reservations"),
    path("stock/reservations/keep/", reservations.KeepPieces.as_view(), name="keep_pieces"),
    path("stock/reservations/<int:pk>/let-go/", reservations.LetGo.as_view(), name="let_go"),
    path("stock/transfers/", transfers.Transfers.as_view(), name="transfers"),
    path("stock/transfers/send/", sending.Send.as_view(), name="send_transfer"),
    path("stock/transfers/<int:pk>/", transfers.TransferPage.as_view(), name="transfer"),
    path("stock/transfers/<int:pk>/receive/", transfers.Receive.as_view(), name="receive_transfer"),
    path("stock/transfers/<int:pk>/give-up/", transfers.GiveUp.as_view(), name="give_up_transfer"),
]
