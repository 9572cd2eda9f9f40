"""Addresses of credit."""

from django.urls import path

from erp.sales.views import credit

urlpatterns = [
    path("credit/", credit.CreditHolds.as_view(), name="credit_holds"),
    path("credit/<int:pk>/release/", credit.ReleaseCredit.as_view(), name="credit_release"),
    path("credit/limits/", credit.CreditLimits.as_view(), name="credit_limits"),
    path("credit/limits/set/", credit.SetCreditLimit.as_view(), name="credit_limit_set"),
]
