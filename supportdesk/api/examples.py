"""What is sent and answered, an example for each main operation; a test reads each by the description."""

from __future__ import annotations

_NEXT = {"words": "tell you what the test has shown", "due_at": "2026-03-12T15:00:00+01:00"}

# By the operation's name.
REQUESTS: dict[str, dict] = {
    "open_case": {
        "who": {"name": "Carla Conti", "mail": "carla@home.example"},
        "problem": "I was charged twice for March.",
        "desired_outcome": "One of the two back.",
        "preferences": ["Money back", "A free month"],
    },
    "add_messages_of_case": {"body": "I have found both charges.", "next_promise": _NEXT},
    "add_notes_of_case": {"body": "The order number is 4711."},
    "add_promises_of_case": {"pledge": _NEXT},
    "add_subtasks_of_case": {"department": 2, "what": "Test the mainboard", "plain_words": "test your laptop"},
    "add_complaints_of_case": {"words": "Nobody called me back."},
    "add_refusals_of_case": {
        "asked": "A new laptop",
        "kind": "not_entitled",
        "ground": "The warranty ended in 2024.",
        "read_before": "The invoice of 3 May 2022.",
        "decider": "The warranty team",
    },
    "case_hand_over": {"to": 7, "brief": "Needs somebody who knows the payment provider."},
    "case_attempts": {"how": "voice_mail", "promise": 31},
    "case_call": {"said": "The second charge is still there."},
    "case_propose": {
        "kind": "solved",
        "words": "One charge is back on your card.",
        "meets": 1,
        "given_as": "owed",
    },
    "case_give": {"kind": "courtesy", "words": "A free month", "why": "Three weeks of waiting.", "amount": "12.00"},
    "case_reopen": {"reason": "The refund was returned.", "next_promise": _NEXT},
    "case_join": {"into": "C-10402"},
    "case_put_aside": {"why": "spam"},
    "case_override": {"reason": "The customer said so to the shop, and cannot be reached."},
    "subtask_accept": {"committed_at": "2026-03-12T12:00:00+01:00"},
    "subtask_done": {"outcome": "The board was loose."},
    "promise_keep": {"said": "That the refund is on its way.", "next_promise": _NEXT},
    "promise_move": {"pledge": _NEXT, "reason": "The part has not come."},
    "add_address": {"kind": "mail", "value": "carla@work.example"},
    "merge_customers": {"merged": 12},
    "settle_flag": {"reason": "Rang the customer; the owner has a new date."},
}

REFUSALS: dict[int, dict] = {
    400: {
        "type": "/api/docs/problems#invalid",
        "title": "Invalid",
        "status": 400,
        "detail": "Some of what was sent cannot be read.",
        "fields": [
            {"field": "due_at", "detail": "Write an instant like 2026-03-02T09:00:00+01:00.", "code": "invalid"}
        ],
    },
    401: {
        "type": "/api/docs/problems#authentication_failed",
        "title": "Authentication failed",
        "status": 401,
        "detail": "This token is unknown, over or revoked.",
    },
    403: {
        "type": "/api/docs/problems#scope",
        "title": "Scope",
        "status": 403,
        "detail": "This token may not do that: it needs the scope “write”.",
    },
    412: {
        "type": "/api/docs/problems#changed_meanwhile",
        "title": "Changed meanwhile",
        "status": 412,
        "detail": "This has changed since you read it. Read it anew.",
    },
    422: {
        "type": "/api/docs/problems#close_refused",
        "title": "Close refused",
        "status": 422,
        "detail": "This cannot be closed yet.",
        "in_the_way": [
            {
                "type": "/api/docs/problems#open_subtask",
                "detail": "Hardware has not finished (in work): Test the mainboard",
                "anchor": "subtask-12",
            }
        ],
    },
}
