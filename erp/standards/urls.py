"""Addresses of standard costs."""

from django.urls import path

from erp.standards import views

urlpatterns = [
    path("standards/", views.Versions.as_view(), name="standards"),
    path("standards/new/", views.Draft.as_view(), name="standards_draft"),
    path("standards/<int:pk>/", views.Version.as_view(), name="standard_version"),
    path("standards/<int:pk>/what-if/", views.Assume.as_view(), name="standard_assume"),
    path("standards/<int:pk>/roll-up/", views.Roll.as_view(), name="standards_roll"),
    path("standards/<int:pk>/release/", views.Release.as_view(), name="standards_release"),
    path("standards/costs/<int:pk>/", views.Cost.as_view(), name="standard_cost"),
    path("standards/what-if/<int:pk>/forget/", views.Forget.as_view(), name="standard_forget"),
]
