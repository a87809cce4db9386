from django.urls import path

from bench.floor import views

urlpatterns = [
    path("", views.tickets),
    path("tickets/<int:pk>/", views.ticket),
    path("tickets/<int:pk>/reply/", views.reply),
    path("create/", views.create),
    path("cases/", views.cases),
    path("cases/<int:pk>/", views.case),
]
