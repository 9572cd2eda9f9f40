"""Addresses of the accountant's desk."""

from django.urls import path

from erp.books.views import cards, periods, reports

urlpatterns = [
    *(
        path(
            "ledger/" if kind.key == "ledger" else f"ledger/{kind.key.replace('_', '-')}/",
            reports.ReportPage.as_view(key=kind.key),
            name=kind.key,
        )
        for kind in reports.KINDS
    ),
    path("ledger/accounts/<int:pk>/card/", cards.AccountCard.as_view(), name="account_card"),
    path("ledger/periods/", periods.Periods.as_view(), name="periods"),
    path("ledger/periods/<int:pk>/", periods.PeriodPage.as_view(), name="period"),
    path("ledger/periods/<int:pk>/lock/", periods.LockPeriod.as_view(), name="period_lock"),
    path("ledger/periods/<int:pk>/close/", periods.ClosePeriod.as_view(), name="period_close"),
    path("ledger/periods/<int:pk>/reopen/", periods.ReopenPeriod.as_view(), name="period_reopen"),
    path("ledger/years/<int:pk>/open/", periods.OpenYear.as_view(), name="year_open"),
]
