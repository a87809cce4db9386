"""The administrator's addresses for taking out what was written."""

from django.urls import path

from supportdesk.privacy import views

app_name = "privacy"
urlpatterns = [
    path("cases/<case:pk>/redact/", views.Redact.as_view(), name="redact"),
    path("customers/<int:pk>/erase/", views.erase, name="erase"),
]
