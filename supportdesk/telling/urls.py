"""The address at which an agent says how they want to be told."""

from django.urls import path

from supportdesk.telling import views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
]
