"""Addresses of bank accounts and their statements."""

from django.urls import path

from erp.banking.views import accounts, ageing, lines, policies

urlpatterns = [
    path("open-items/", ageing.Ageing.as_view(), name="ageing"),
    path("open-items/suppliers/", ageing.PayablesAgeing.as_view(), name="ageing_payables"),
    path("bank-accounts/", accounts.BankAccounts.as_view(), name="bank_accounts"),
    path("bank-accounts/new/", accounts.NewBankAccount.as_view(), name="bank_account_new"),
    path("bank-accounts/<int:pk>/", lines.BankLines.as_view(), name="bank_lines"),
    path("bank-accounts/<int:pk>/edit/", accounts.EditBankAccount.as_view(), name="bank_account_edit"),
    path("bank-accounts/<int:pk>/read/", accounts.ReadStatement.as_view(), name="bank_statement_read"),
    path("money-policies/<int:pk>/", policies.MoneyPolicyPage.as_view(), name="money_policy"),
    path("bank-lines/<int:pk>/", lines.BankLinePage.as_view(), name="bank_line"),
    path("bank-lines/<int:pk>/take/", lines.TakeProposal.as_view(), name="bank_line_take"),
    path("bank-lines/<int:pk>/book/", lines.BookLine.as_view(), name="bank_line_book"),
    path("bank-lines/<int:pk>/on-account/", lines.LineOnAccount.as_view(), name="bank_line_on_account"),
    path("bank-matches/<int:pk>/undo/", lines.UndoMatch.as_view(), name="bank_match_undo"),
]
