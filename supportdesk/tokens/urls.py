"""The addresses at which tokens and service accounts are looked after."""

from django.urls import path

from supportdesk.tokens import views

urlpatterns = [
    path("tokens/", views.own, name="tokens"),
    path("tokens/services/", views.services, name="services"),
    path("tokens/services/<int:pk>/", views.service, name="service"),
    path("tokens/services/<int:pk>/off/", views.switch_off, name="switch_service_off"),
    path("tokens/services/<int:pk>/on/", views.switch_on, name="switch_service_on"),
    path("tokens/<int:pk>/revoke/", views.revoke, name="revoke_token"),
]
