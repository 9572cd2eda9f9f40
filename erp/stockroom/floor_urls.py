"""Addresses of what is done in the stockroom with a scanner: put away, count."""

from django.urls import path

from erp.stockroom.views import counting, counts, putaway

urlpatterns = [
    path("stock/put-away/", putaway.PutAway.as_view(), name="put_away"),
    path("stock/counts/", counts.CountSheets.as_view(), name="count_sheets"),
    path("stock/counts/new/", counts.NewCountSheet.as_view(), name="new_count_sheet"),
    path("stock/counts/<int:pk>/", counts.CountSheetPage.as_view(), name="count_sheet"),
    path("stock/counts/<int:pk>/enter/", counting.Counting.as_view(), name="enter_count"),
    path("stock/counts/<int:pk>/post/", counts.PostCountSheet.as_view(), name="post_count_sheet"),
    path("stock/counts/<int:pk>/drop/", counts.DropCountSheet.as_view(), name="drop_count_sheet"),
]
