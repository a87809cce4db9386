"""The administrators' addresses of webhooks."""

from django.urls import path

from channels.webhooks import acts, pages

app_name = "webhooks"
urlpatterns = [
    path("", pages.webhooks, name="webhooks"),
    path("add/", pages.add, name="add"),
    path("<int:pk>/", pages.webhook, name="webhook"),
    path("<int:pk>/change/", pages.change, name="change"),
    path("<int:pk>/secret/", acts.NewSecret.as_view(), name="new_secret"),
    path("<int:pk>/off/", acts.SwitchOff.as_view(), name="switch_off"),
    path("<int:pk>/on/", acts.SwitchOn.as_view(), name="switch_on"),
    path("<int:pk>/again/", acts.SendAgainSince.as_view(), name="send_again_since"),
    path("<int:pk>/deliveries/<int:delivery_pk>/", pages.delivery, name="delivery"),
    path("<int:pk>/deliveries/<int:delivery_pk>/again/", acts.SendAgain.as_view(), name="send_again"),
]
