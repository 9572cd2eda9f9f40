"""Addresses of the accountant's desk."""

from django.urls import path

from erp.books.views import accounts, cards, entries, periods, reports, taxes, writing

urlpatterns = [
    *(
        path(
            "ledger/" if kind.key == "ledger" else f"ledger/{kind.key.replace('_', '-')}/",
            reports.ReportPage.as_view(key=kind.key),
            name=kind.key,
        )
        for kind in reports.KINDS
    ),
    path("ledger/books/<int:pk>/taxes/<int:code>/<str:side>/", taxes.TaxLines.as_view(), name="tax_lines"),
    path("ledger/accounts/<int:pk>/card/", cards.AccountCard.as_view(), name="account_card"),
    path("ledger/periods/", periods.Periods.as_view(), name="periods"),
    path("ledger/periods/<int:pk>/", periods.PeriodPage.as_view(), name="period"),
    path("ledger/periods/<int:pk>/lock/", periods.LockPeriod.as_view(), name="period_lock"),
    path("ledger/periods/<int:pk>/close/", periods.ClosePeriod.as_view(), name="period_close"),
    path("ledger/periods/<int:pk>/reopen/", periods.ReopenPeriod.as_view(), name="period_reopen"),
    path("ledger/years/<int:pk>/open/", periods.OpenYear.as_view(), name="year_open"),
    path("ledger/manual-entries/", entries.ManualEntries.as_view(), name="manual_entries"),
    path("ledger/manual-entries/new/", writing.WriteEntry.as_view(), name="manual_entry_create"),
    path("ledger/manual-entries/file/", writing.EntryFromFile.as_view(), name="manual_entry_file"),
    path("ledger/manual-entries/<int:pk>/", entries.ManualEntryPage.as_view(), name="manual_entry"),
    path("ledger/manual-entries/<int:pk>/change/", writing.ChangeEntry.as_view(), name="manual_entry_change"),
    path("ledger/manual-entries/<int:pk>/submit/", writing.SubmitEntry.as_view(), name="manual_entry_submit"),
    path("ledger/manual-entries/<int:pk>/approve/", writing.ApproveEntry.as_view(), name="manual_entry_approve"),
    path("ledger/manual-entries/<int:pk>/refuse/", writing.RefuseEntry.as_view(), name="manual_entry_refuse"),
    path("ledger/manual-entries/<int:pk>/undo/", writing.UndoEntry.as_view(), name="manual_entry_undo"),
    path("ledger/manual-entries/<int:pk>/drop/", writing.DropEntry.as_view(), name="manual_entry_drop"),
    path("ledger/accounts/", accounts.Accounts.as_view(), name="accounts"),
    path("ledger/accounts/new/", accounts.AddAccount.as_view(), name="account_create"),
    path("ledger/accounts/<int:pk>/", accounts.ChangeAccount.as_view(), name="account_change"),
    path("ledger/accounts/<int:pk>/delete/", accounts.DeleteAccount.as_view(), name="account_delete"),
    path("ledger/periods/<int:pk>/currencies/", periods.ValueCurrencies.as_view(), name="period_currencies"),
    path("ledger/periods/<int:pk>/close-year/", periods.CloseYear.as_view(), name="year_close"),
    path("ledger/periods/<int:pk>/reopen-year/", periods.ReopenYear.as_view(), name="year_reopen"),
]
