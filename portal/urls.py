"""The customer's addresses, all under ``/help/``. Public by link or open to all, except the staff's read-only view."""

from django.urls import path, re_path

from portal.views import acts, intake, status

app_name = "portal"

urlpatterns = [
    path("", intake.words, name="intake"),
    path("wishes/", intake.wishes, name="wishes"),
    path("reach/", intake.reach, name="reach"),
    path("sent/", intake.sent, name="sent"),
    path("c/<str:token>/", status.status, name="status"),
    path("c/<str:token>/add/", acts.add, name="add"),
    path("c/<str:token>/yes/", acts.yes, name="yes"),
    path("c/<str:token>/not-yet/", acts.not_yet, name="not-yet"),
    path("c/<str:token>/understand/", acts.understand, name="understand"),
    path("c/<str:token>/do-not-accept/", acts.do_not_accept, name="do-not-accept"),
    path("c/<str:token>/withdraw/", acts.withdraw, name="withdraw"),
    path("c/<str:token>/complaint/", acts.complaint, name="complaint"),
    path("c/<str:token>/someone-else/", acts.someone_else, name="someone-else"),
    path("c/<str:token>/helped/", acts.helped, name="helped"),
    path("c/<str:token>/did-not-help/", acts.did_not_help, name="did-not-help"),
    path("c/<str:token>/another-look/<int:refusal_pk>/", acts.another_look, name="another-look"),
    path("c/<str:token>/new-time/<int:promise_pk>/", acts.new_time, name="new-time"),
    path("view/C-<int:number>/", status.view, name="view"),
    path("view/taking-part/<int:participant_pk>/", status.view_participant, name="view-participant"),
    # A mistyped address under /help/ is answered in the customer's words too, the same for every wrong one.
    re_path(r"^.*/$", status.nowhere),
]
