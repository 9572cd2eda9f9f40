"""Address of the control tower."""

from django.urls import path

from suite.tower import views

urlpatterns = [path("control-tower/", views.tower, name="control_tower")]
