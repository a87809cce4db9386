"""Who may do what, as a table to read: the specification that ``test_matrix_*`` holds the desk to.

A word in a cell is what comes of the attempt:

``may``   it comes through the door: the page is seen; the act is done, or refused by a rule of the case or of its form
``no``    the thing is seen, but this is not theirs to do (403)
``nil``   it is not there: 404, word for word as for a number that nothing has

Three things are tried: the *own* case is Nadia's, who asks as the owner; the *foreign* one is Otto's in another
department; the *confidential* one is Nadia's too, and of the others only supervisors are let in. Where a kind has the
line ``any``, which thing it is makes no difference.

What needs no table:

* A stranger, and a customer with nothing but the link to their problem, is asked to sign in at every address but those
  of ``BY_LINK`` and ``ANYBODY``: 302 to sign-in from a page, 401 from the API.
* Ben, to whom the case is offered, is tried only where his column is not Wanda's, to whom nothing is: elsewhere he is
  one more colleague.
* A token does what its agent may and its scope reaches: *read* reads, *write* acts, and *admin* is needed for
  ``administer``. What is beyond its scope is ``no``, whatever it is about.
"""

from __future__ import annotations

ROLES = ("specialist", "offered", "owner", "other", "supervisor", "administrator")

OF_STAFF = """
#               specialist  offered  owner  other  supervisor  administrator

the case        # read it, note inside, write down a complaint, take what nobody owns (design rule 8)
  own           may         may      may    may    may         may
  foreign       may         may      may    may    may         may
  confidential  nil         nil      may    nil    may         nil

one voice       # speak, promise, ask, propose, give, say no, hand over, join, let others take part (rule 7)
  own           no          no       may    no     may         no
  foreign       no          no       no     no     may         no
  confidential  nil         nil      may    nil    may         nil

a call          # the page on which one answers the telephone for whoever owns it, who reads what to do instead (rule 7)
  own           may         may      may    may    may         may
  foreign       may         may      may    may    may         may
  confidential  nil         nil      may    nil    may         nil

supervise       # take over, override, look again, decide, answer a complaint (rules 2, 14)
  own           no          no       no     no     may         no
  foreign       no          no       no     no     may         no
  confidential  nil         nil      no     nil    may         nil

the offer       # only whoever it is offered to answers it (rule 1)
  own           no          may      no     no     no          no
  foreign       no          no       no     no     no          no
  confidential  nil         nil      no     nil    no          nil

the part        # only the department that was asked works on it
  own           may         no       no     no     no          no
  foreign       no          no       no     no     no          no
  confidential  nil         nil      no     nil    no          nil

the part's hands # who goes on with it: the department itself, or a supervisor where who has it is gone
  own           may         no       no     no     may         no
  foreign       no          no       no     no     may         no
  confidential  nil         nil      no     nil    may         nil

redact          # an administrator, of what they may see (rule 9)
  own           no          no       no     no     no          may
  foreign       no          no       no     no     no          may
  confidential  nil         nil      no     nil    no          nil

absence         # who is away, who stands in, and supervisors read it
  own           nil         may      may    nil    may         nil
  foreign       nil         nil      nil    nil    may         nil

keep absence    # who is away and supervisors change it; who stands in does not
  own           nil         no       may    nil    may         nil
  foreign       nil         nil      nil    nil    may         nil

meanwhile       # what happened while one was away
  own           nil         nil      may    nil    may         nil
  foreign       nil         nil      nil    nil    may         nil

leave to cover  # leave a promise to who stands in
  own           nil         no       may    nil    may         nil
  foreign       nil         nil      nil    nil    may         nil
  confidential  nil         nil      may    nil    may         nil

token           # one's own (here: the owner's); an administrator those of service accounts (here: the foreign one)
  own           nil         nil      may    nil    nil         nil
  foreign       nil         nil      nil    nil    nil         may

the desk        # the queue and everything in it; to others it is shut before anybody looks what it is about
  own           no          no       no     no     may         no
  foreign       no          no       no     no     may         no
  confidential  no          no       no     no     may         no

staff           # lists, customers, hours, one's own settings
  any           may         may      may    may    may         may

supervisors     # lists of the queue, absences of others
  any           no          no       no     no     may         no

last rung       # the one person named there: none of these
  any           no          no       no     no     no          no

people          # who works here, and the rules of the queue
  any           no          no       no     no     may         may

administer      # how the desk works
  any           no          no       no     no     no          may
"""

# The customer of the own and of the confidential case, and the one of the foreign case. Whoever has no link tries the
# case's key with a seal that is none; who has another one tries it with their own.
ASKERS_BY_LINK = ("stranger", "customer", "other customer")

BY_LINK = """
#               stranger  customer  other-customer

link            # the problem behind it, and everything that one may say there
  own           nil       may       nil
  foreign       nil       nil       may
  confidential  nil       may       nil

anybody         # whoever they are
  any           may       may       may

nowhere         # no such address
  any           nil       nil       nil
"""

# An address by its name, and of which kind it is: to look / to act, where these differ.
PAGES = {
    # lists
    "cases:mine": "staff",
    "cases:asked": "staff",
    "cases:up_for_taking": "staff",
    "cases:found": "staff",
    "cases:queue": "staff",
    "cases:queue_of": "staff",
    "cases:notices": "staff",
    "cases:read_notices": "staff",
    # the case
    "cases:page": "the case",
    "cases:forecast": "the case",
    "cases:note": "the case",
    "cases:complain": "the case",
    "cases:take": "the case",
    "portal:view": "the case",
    "portal:view-participant": "the case",
    "cases:take_call": "a call",
    # one voice; whoever opens the address of the composer is led to the case
    "cases:write": "the case / one voice",
    "cases:promise": "one voice",
    "cases:keep": "one voice",
    "cases:attempt": "one voice",
    "cases:new_date": "one voice",
    "cases:they_agreed": "one voice",
    "cases:make_right": "one voice",
    "cases:give": "one voice",
    "cases:pass_on": "one voice",
    "cases:ask": "one voice",
    "cases:grant_later": "one voice",
    "cases:refuse_later": "one voice",
    "cases:drop": "one voice",
    "cases:propose": "one voice",
    "cases:close": "one voice",
    "cases:reopen": "one voice",
    "cases:only_thanks": "one voice",
    "cases:put_aside": "one voice",
    "cases:take_back_in": "one voice",
    "cases:estimate": "one voice",
    "cases:refuse": "one voice",
    "cases:join": "one voice",
    "cases:undo_joining": "one voice",
    "cases:split_off": "one voice",
    "cases:hand_over": "one voice",
    "cases:make_confidential": "one voice",
    "cases:open_to_staff": "one voice",
    "cases:add_participant": "one voice",
    "cases:told_by": "one voice",
    "cases:change_participant": "one voice",
    "cases:end_participant": "one voice",
    # supervisors
    "cases:take_over": "supervise",
    "cases:override": "supervise",
    "cases:close_unanswered": "supervise",
    "cases:take_complaint": "supervise",
    "cases:hand_on_complaint": "supervise",
    "cases:answer_complaint": "supervise",
    "cases:look_again": "supervise",
    "cases:decide": "supervise",
    # who is asked
    "cases:accept_handover": "the offer",
    "cases:give_back": "the offer",
    "cases:see": "the part",
    "cases:accept": "the part",
    "cases:other_date": "the part",
    "cases:wait": "the part",
    "cases:go_on": "the part",
    "cases:done": "the part",
    "cases:could_not_reproduce": "the part",
    "cases:not_ours": "the part",
    "cases:give_part": "the part's hands",
    # away
    "cases:away": "staff",
    "cases:away_of": "supervisors",
    "cases:absence": "absence",
    "cases:change_absence": "keep absence",
    "cases:back": "keep absence",
    "cases:offer_what_falls": "keep absence",
    "cases:leave_all_to_cover": "keep absence",
    "cases:leave_to_cover": "leave to cover",
    "cases:absence_summary": "meanwhile",
    # people
    "cases:people": "people",
    "cases:sign_off": "people",
    "cases:sign_on": "people",
    "cases:leaving": "people",
    "cases:offer_all": "people",
    "cases:give_parts": "people",
    # customers
    "cases:customers": "staff",
    "cases:customer": "staff",
    "cases:add_address": "staff",
    "cases:belong_to": "staff",
    "cases:merge": "staff",
    "cases:end_address": "staff",
    "cases:undo_merging": "staff",
    # hours
    "cases:hours": "staff",
    "cases:department": "staff",
    "cases:calendar": "staff / administer",
    "cases:calendar_ahead": "staff / administer",
    "cases:name_rungs": "administer",
    "cases:give_supervisors_own_hours": "administer",
    "cases:let_supervisors_follow": "administer",
    "cases:give_own_hours": "administer",
    "cases:follow_company": "administer",
    "cases:set_lines": "administer",
    "cases:set_mandate": "administer",
    # the queue
    "escalations:queue": "supervisors",
    "escalations:complaints": "supervisors",
    "escalations:refusals": "supervisors",
    "escalations:unconfirmed": "supervisors",
    "escalations:not_cases": "supervisors",
    "escalations:last": "last rung",
    "escalations:rules": "people",
    "escalations:rule": "people",
    "escalations:settle": "the desk",
    "escalations:note": "the desk",
    "escalations:not_needed": "the desk",
    "escalations:answer_appeal": "the desk",
    "escalations:take_appeal": "the desk",
    # settings
    "settings:notices": "staff",
    "settings:tokens": "staff",
    "settings:revoke_token": "token",
    "settings:services": "administer",
    "settings:service": "administer",
    "settings:switch_service_off": "administer",
    "settings:switch_service_on": "administer",
    "webhooks:webhooks": "administer",
    "webhooks:add": "administer",
    "webhooks:webhook": "administer",
    "webhooks:change": "administer",
    "webhooks:new_secret": "administer",
    "webhooks:switch_off": "administer",
    "webhooks:switch_on": "administer",
    "webhooks:send_again_since": "administer",
    "webhooks:delivery": "administer",
    "webhooks:send_again": "administer",
    "privacy:redact": "redact",
    "privacy:erase": "administer",
    "account_change_password": "staff",
    "account_set_password": "staff",
    "styleguide": "staff",
    "styleguide_screen": "staff",
}

BY_LINK_OR_OPEN = {
    "portal:status": "link",
    "portal:add": "link",
    "portal:yes": "link",
    "portal:not-yet": "link",
    "portal:understand": "link",
    "portal:do-not-accept": "link",
    "portal:withdraw": "link",
    "portal:complaint": "link",
    "portal:someone-else": "link",
    "portal:helped": "link",
    "portal:did-not-help": "link",
    "portal:another-look": "link",
    "portal:new-time": "link",
    "portal:intake": "anybody",
    "portal:wishes": "anybody",
    "portal:reach": "anybody",
    "portal:sent": "anybody",
    "portal:^.*/$": "nowhere",
    "sign_in_by_link": "anybody",
    "account_login": "anybody",
    "account_logout": "anybody",
    "account_signup": "anybody",
    "account_inactive": "anybody",
    "schema": "anybody",
    "api_docs": "anybody",
    "api_problems": "anybody",
    r"^[\s\S]*\Z": "nowhere",
}

API = {
    "api:me": "staff",
    "api:agents": "staff",
    "api:agent": "staff",
    "api:departments": "staff",
    "api:department": "staff",
    "api:topics": "staff",
    "api:topic": "staff",
    "api:calendars": "staff",
    "api:calendar": "staff / administer",
    "api:customers": "staff",
    "api:customer": "staff",
    "api:add_address": "staff",
    "api:end_address": "staff",
    "api:merge_customers": "staff",
    "api:cases": "staff",
    "api:handovers": "staff",
    "api:complaints": "staff",
    "api:refusals": "staff",
    "api:flags": "staff",
    # the case
    "api:case": "the case",
    "api:timeline_of_case": "the case",
    "api:notes_of_case": "the case",
    "api:complaints_of_case": "the case",
    "api:messages_of_case": "the case / one voice",
    "api:subtasks_of_case": "the case / one voice",
    "api:promises_of_case": "the case / one voice",
    "api:refusals_of_case": "the case / one voice",
    "api:handover": "the case",
    "api:complaint": "the case",
    "api:refusal": "the case",
    "api:flag": "the case",
    "api:case_take": "the case",
    "api:case_call": "the case",
    # one voice
    "api:case_hand_over": "one voice",
    "api:case_attempts": "one voice",
    "api:case_propose": "one voice",
    "api:case_close": "one voice",
    "api:case_reopen": "one voice",
    "api:case_only_thanks": "one voice",
    "api:case_put_aside": "one voice",
    "api:case_take_back_in": "one voice",
    "api:case_estimate": "one voice",
    "api:case_join": "one voice",
    "api:case_undo_joining": "one voice",
    "api:case_split_off": "one voice",
    "api:case_confidential": "one voice",
    "api:case_open_to_staff": "one voice",
    "api:case_give": "one voice",
    "api:concession_pass_on": "one voice",
    "api:promise_keep": "one voice",
    "api:promise_renegotiate": "one voice",
    "api:promise_move": "one voice",
    "api:promise_make_right": "one voice",
    "api:subtask_grant_later": "one voice",
    "api:subtask_refuse_later": "one voice",
    "api:subtask_drop": "one voice",
    # supervisors
    "api:case_take_over": "supervise",
    "api:case_note_to_owner": "supervise",
    "api:case_override": "supervise",
    "api:complaint_take": "supervise",
    "api:complaint_hand_on": "supervise",
    "api:complaint_answer": "supervise",
    "api:refusal_look": "supervise",
    "api:concession_decide": "supervise",
    "api:settle_flag": "supervise",
    # who is asked
    "api:handover_accept": "the offer",
    "api:handover_give_back": "the offer",
    "api:subtask_see": "the part",
    "api:subtask_accept": "the part",
    "api:subtask_wait": "the part",
    "api:subtask_go_on": "the part",
    "api:subtask_ask_later": "the part",
    "api:subtask_done": "the part",
    "api:subtask_not_ours": "the part",
    "api:subtask_could_not_reproduce": "the part",
    "api:subtask_give": "the part's hands",
}

# Django's own pages for departments, topics, hours and people: administrators alone. Everybody else, signed in or not,
# is led to the one sign-in, which tells who has signed in that this is not theirs.
ADMIN_SITE = {
    *("admin:index", "admin:login", "admin:logout", "admin:password_change", "admin:password_change_done"),
    *("admin:autocomplete", "admin:jsi18n", "admin:view_on_site", "admin:app_list"),
    *(
        f"admin:{model}_{act}"
        for model in ("cases_digest", "staff_agent", "staff_calendar", "staff_department", "staff_topic")
        for act in ("changelist", "add", "history", "delete", "change")
    ),
    *(f"admin:{model}/<path:object_id>/" for model in ("cases/digest", "staff/agent", "staff/calendar")),
    *(f"admin:{model}/<path:object_id>/" for model in ("staff/department", "staff/topic")),
    "admin:(?P<url>.*)$",
}


def read(table: str) -> dict[str, dict[str, dict[str, str]]]:
    """By kind, thing and asker the word that stands there."""
    kinds: dict[str, dict[str, dict[str, str]]] = {}
    header, *lines = [line for line in table.splitlines() if line.strip()]
    askers = [name.replace("-", " ") for name in header.strip("# ").split()]
    for line in lines:
        words = line.split("#")[0]
        if not line.startswith(" "):
            things = kinds[words.strip()] = {}
            continue
        thing, *cells = words.split()
        things[thing] = dict(zip(askers, cells, strict=True))
    return kinds


# The line of who is sent away before anybody looks what it is about.
ONCE = {"any": {}}

KINDS = read(OF_STAFF)
KINDS_BY_LINK = read(BY_LINK)
KNOWN = {**PAGES, **BY_LINK_OR_OPEN, **API}


def kind_of(name: str, method: str) -> str:
    """Of which kind it is to do this at the address with this name."""
    look, _, act = KNOWN[name].partition(" / ")
    return look if method in ("GET", "HEAD") or not act else act


def differs(name: str, one: str, other: str) -> bool:
    """Whether two columns differ anywhere at the address with this name."""
    lines = (cells for method in ("GET", "POST") for cells in KINDS[kind_of(name, method)].values())
    return any(cells[one] != cells[other] for cells in lines)
