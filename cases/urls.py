"""The staff's addresses: what can happen to a case, word for word."""

from django.urls import path, register_converter

from cases.views import (
    afterwards,
    aside,
    assurances,
    away,
    closing,
    complaints,
    concessions,
    confidentiality,
    conversation,
    customers,
    estimates,
    forecasting,
    hours,
    joining,
    lists,
    ownership,
    page,
    participants,
    people,
    promises,
    proposing,
    refusals,
    splitting,
    subtasks,
)


class CaseNumber:
    """``C-10427`` in addresses, the id in Python."""

    regex = r"[Cc]-[1-9][0-9]{0,17}"

    def to_python(self, text: str) -> int:
        return int(text[2:])

    def to_url(self, pk: int) -> str:
        return f"C-{pk}"


register_converter(CaseNumber, "case")

app_name = "cases"
urlpatterns = [
    path("", lists.mine, name="mine"),
    path("asked/", lists.asked, name="asked"),
    path("up-for-taking/", lists.up_for_taking, name="up_for_taking"),
    path("cases/", lists.found, name="found"),
    path("queue/", lists.queue, name="queue"),
    path("queue/<int:department_pk>/", lists.queue, name="queue_of"),
    path("notices/", lists.notices, name="notices"),
    path("notices/read/", lists.read_notices, name="read_notices"),
    path("cases/<case:pk>/", page.page, name="page"),
    # ownership
    path("cases/<case:pk>/take/", ownership.Take.as_view(), name="take"),
    path("cases/<case:pk>/hand-over/", ownership.HandOver.as_view(), name="hand_over"),
    path("cases/<case:pk>/take-over/", ownership.TakeOver.as_view(), name="take_over"),
    path("handovers/<int:handover_pk>/accept/", ownership.Accept.as_view(), name="accept_handover"),
    path("handovers/<int:handover_pk>/give-back/", ownership.GiveBack.as_view(), name="give_back"),
    # absences
    path("away/", away.away, name="away"),
    path("away/of/<int:agent_pk>/", away.away_of, name="away_of"),
    path("away/<int:absence_pk>/", away.absence, name="absence"),
    path("away/<int:absence_pk>/change/", away.Change.as_view(), name="change_absence"),
    path("away/<int:absence_pk>/back/", away.Back.as_view(), name="back"),
    path("away/<int:absence_pk>/leave/<int:promise_pk>/", away.leave, name="leave_to_cover"),
    path("away/<int:absence_pk>/leave-all/", away.leave_all, name="leave_all_to_cover"),
    path("away/<int:absence_pk>/offer/", away.Offer.as_view(), name="offer_what_falls"),
    path("away/<int:absence_pk>/summary/", away.summary, name="absence_summary"),
    # people
    path("people/", people.people, name="people"),
    path("people/<int:agent_pk>/sign-off/", people.SignOff.as_view(), name="sign_off"),
    path("people/<int:agent_pk>/sign-on/", people.SignOn.as_view(), name="sign_on"),
    path("people/<int:agent_pk>/leaving/", people.leave, name="leaving"),
    path("people/<int:agent_pk>/offer/", people.offer_all, name="offer_all"),
    path("people/<int:agent_pk>/give-parts/<int:department_pk>/", people.give_parts, name="give_parts"),
    # confidentiality
    path("cases/<case:pk>/confidential/", confidentiality.MakeConfidential.as_view(), name="make_confidential"),
    path("cases/<case:pk>/open-to-staff/", confidentiality.OpenToStaff.as_view(), name="open_to_staff"),
    # participants
    path("cases/<case:pk>/taking-part/", participants.Add.as_view(), name="add_participant"),
    path("cases/<case:pk>/told-by/", participants.ToldBy.as_view(), name="told_by"),
    path("participants/<int:participant_pk>/change/", participants.Change.as_view(), name="change_participant"),
    path("participants/<int:participant_pk>/end/", participants.End.as_view(), name="end_participant"),
    # customers
    path("customers/", customers.search, name="customers"),
    path("customers/<int:customer_pk>/", customers.page, name="customer"),
    path("customers/<int:customer_pk>/address/", customers.AddAddress.as_view(), name="add_address"),
    path("customers/<int:customer_pk>/organisation/", customers.BelongTo.as_view(), name="belong_to"),
    path("customers/<int:customer_pk>/merge/", customers.Merge.as_view(), name="merge"),
    path("addresses/<int:address_pk>/end/", customers.EndAddress.as_view(), name="end_address"),
    path("mergings/<int:merging_pk>/undo/", customers.UndoMerging.as_view(), name="undo_merging"),
    # conversation
    path("cases/<case:pk>/message/", conversation.write, name="write"),
    path("cases/<case:pk>/note/", conversation.note, name="note"),
    path("cases/<case:pk>/call/", assurances.TakeCall.as_view(), name="take_call"),
    # promises
    path("cases/<case:pk>/promise/", promises.Make.as_view(), name="promise"),
    path("promises/<int:promise_pk>/keep/", promises.Keep.as_view(), name="keep"),
    path("promises/<int:promise_pk>/attempt/", promises.Attempt.as_view(), name="attempt"),
    path("promises/<int:promise_pk>/new-date/", promises.NewDate.as_view(), name="new_date"),
    path("promises/<int:promise_pk>/agreed/", promises.TheyAgreed.as_view(), name="they_agreed"),
    path("promises/<int:promise_pk>/make-right/", promises.MakeRight.as_view(), name="make_right"),
    # concessions
    path("cases/<case:pk>/give/", concessions.Give.as_view(), name="give"),
    path("concessions/<int:concession_pk>/decide/", concessions.Decide.as_view(), name="decide"),
    path("concessions/<int:concession_pk>/pass-on/", concessions.PassOn.as_view(), name="pass_on"),
    # forecasting
    path("cases/<case:pk>/forecast/", forecasting.forecast, name="forecast"),
    # sub-tasks
    path("cases/<case:pk>/ask/", subtasks.Ask.as_view(), name="ask"),
    path("subtasks/<int:subtask_pk>/see/", subtasks.See.as_view(), name="see"),
    path("subtasks/<int:subtask_pk>/accept/", subtasks.Accept.as_view(), name="accept"),
    path("subtasks/<int:subtask_pk>/give/", subtasks.Give.as_view(), name="give_part"),
    path("subtasks/<int:subtask_pk>/other-date/", subtasks.OtherDate.as_view(), name="other_date"),
    path("subtasks/<int:subtask_pk>/grant-later/", subtasks.GrantLater.as_view(), name="grant_later"),
    path("subtasks/<int:subtask_pk>/refuse-later/", subtasks.RefuseLater.as_view(), name="refuse_later"),
    path("subtasks/<int:subtask_pk>/wait/", subtasks.Wait.as_view(), name="wait"),
    path("subtasks/<int:subtask_pk>/go-on/", subtasks.GoOn.as_view(), name="go_on"),
    path("subtasks/<int:subtask_pk>/done/", subtasks.Done.as_view(), name="done"),
    path(
        "subtasks/<int:subtask_pk>/could-not-reproduce/",
        subtasks.CouldNotReproduce.as_view(),
        name="could_not_reproduce",
    ),
    path("subtasks/<int:subtask_pk>/not-ours/", subtasks.NotOurs.as_view(), name="not_ours"),
    path("subtasks/<int:subtask_pk>/drop/", subtasks.Drop.as_view(), name="drop"),
    # closing
    path("cases/<case:pk>/propose/", proposing.Propose.as_view(), name="propose"),
    path("cases/<case:pk>/close/", closing.Close.as_view(), name="close"),
    path("cases/<case:pk>/close-unanswered/", closing.CloseUnanswered.as_view(), name="close_unanswered"),
    path("cases/<case:pk>/override/", closing.Override.as_view(), name="override"),
    path("cases/<case:pk>/reopen/", closing.Reopen.as_view(), name="reopen"),
    path("cases/<case:pk>/only-thanks/", afterwards.OnlyThanks.as_view(), name="only_thanks"),
    path("cases/<case:pk>/put-aside/", aside.PutAside.as_view(), name="put_aside"),
    path("cases/<case:pk>/take-back-in/", aside.TakeBackIn.as_view(), name="take_back_in"),
    # estimates
    path("cases/<case:pk>/estimate/", estimates.Estimate.as_view(), name="estimate"),
    # complaints
    path("cases/<case:pk>/complaint/", complaints.Complain.as_view(), name="complain"),
    path("complaints/<int:complaint_pk>/take/", complaints.Take.as_view(), name="take_complaint"),
    path("complaints/<int:complaint_pk>/hand-on/", complaints.HandOn.as_view(), name="hand_on_complaint"),
    path("complaints/<int:complaint_pk>/answer/", complaints.Answer.as_view(), name="answer_complaint"),
    # refusals
    path("cases/<case:pk>/refuse/", refusals.Refuse.as_view(), name="refuse"),
    path("refusals/<int:refusal_pk>/look/", refusals.LookAgain.as_view(), name="look_again"),
    # joining and splitting
    path("cases/<case:pk>/join/", joining.Join.as_view(), name="join"),
    path("cases/<case:pk>/undo-joining/", joining.Undo.as_view(), name="undo_joining"),
    path("cases/<case:pk>/split-off/", splitting.SplitOff.as_view(), name="split_off"),
    # hours, and who decides
    path("hours/", hours.hours, name="hours"),
    path("hours/company/", hours.NameRungs.as_view(), name="name_rungs"),
    path("hours/supervisors/own/", hours.give_supervisors_own_hours, name="give_supervisors_own_hours"),
    path("hours/supervisors/follow/", hours.LetSupervisorsFollow.as_view(), name="let_supervisors_follow"),
    path("hours/calendars/<int:calendar_pk>/", hours.calendar, name="calendar"),
    path("hours/calendars/<int:calendar_pk>/ahead/", hours.calendar_ahead, name="calendar_ahead"),
    path("hours/departments/<int:department_pk>/", hours.department, name="department"),
    path("hours/departments/<int:department_pk>/own/", hours.give_own_hours, name="give_own_hours"),
    path("hours/departments/<int:department_pk>/follow/", hours.FollowCompany.as_view(), name="follow_company"),
    path("hours/departments/<int:department_pk>/lines/", hours.Lines.as_view(), name="set_lines"),
    path("hours/departments/<int:department_pk>/mandate/", hours.SetMandate.as_view(), name="set_mandate"),
]
