"""The supervisors' addresses."""

from django.urls import path

from escalations import not_cases, rule_pages, unconfirmed, views

app_name = "escalations"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("complaints/", views.complaints, name="complaints"),
    path("refusals/", views.refusals, name="refusals"),
    path("unconfirmed/", unconfirmed.unconfirmed, name="unconfirmed"),
    path("not-cases/", not_cases.not_cases, name="not_cases"),
    path("rules/", rule_pages.rules, name="rules"),
    path("rules/<slug:name>/", rule_pages.rule, name="rule"),
    path("<int:flag_pk>/settle/", views.Settle.as_view(), name="settle"),
]
