"""The supervisors' addresses."""

from django.urls import path

from escalations import acts, not_cases, rule_pages, unconfirmed, views

app_name = "escalations"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("complaints/", views.complaints, name="complaints"),
    path("refusals/", views.refusals, name="refusals"),
    path("unconfirmed/", unconfirmed.unconfirmed, name="unconfirmed"),
    path("not-cases/", not_cases.not_cases, name="not_cases"),
    path("rules/", rule_pages.rules, name="rules"),
    path("rules/<slug:name>/", rule_pages.rule, name="rule"),
    path("<int:flag_pk>/settle/", acts.Settle.as_view(), name="settle"),
    path("last/", views.last, name="last"),
    path("C-<int:pk>/note/", acts.NoteToOwner.as_view(), name="note"),
    path("C-<int:pk>/not-needed/", acts.NotNeeded.as_view(), name="not_needed"),
    path("appeals/<int:appeal_pk>/answer/", acts.AnswerAppeal.as_view(), name="answer_appeal"),
    path("appeals/<int:appeal_pk>/take/", acts.TakeAppeal.as_view(), name="take_appeal"),
]
