"""Addresses of the shell."""

from django.urls import include, path

from suite.shell import live, plants, views

app_name = "suite"

urlpatterns = [
    path("", views.home, name="home"),
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", views.log_out, name="logout"),
    path("search/", views.search, name="search"),
    path("plant/", plants.choose_plant, name="plant"),
    path("theme/", views.choose_theme, name="theme"),
    path("live/", live.stream, name="live"),
    path("", include("suite.desk.urls")),
    path("", include("suite.house.urls")),
    path("", include("suite.tower.urls")),
]
