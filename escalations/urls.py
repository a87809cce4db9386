"""The supervisors' addresses."""

from django.urls import path

from escalations import views

app_name = "escalations"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("complaints/", views.complaints, name="complaints"),
    path("refusals/", views.refusals, name="refusals"),
    path("<int:flag_pk>/settle/", views.Settle.as_view(), name="settle"),
]
