"""The table of rules: why a supervisor should look at a case. One module for each family of reasons.

A *condition* is looked for among what is so at this moment, and settles itself when it ends. An *event* is looked for
among the timeline's new entries, and stays until a supervisor acts. Rules read tables of ``cases`` only, and of
``staff`` who is who, when they work and when they are away; what others find out, they write there through a verb.

How urgent a case is, is the sum of its standing flags' weights. **3**: trust is gone, our word was broken or passed
over, or the customer wants somebody else. **2**: the customer waits, chases or was refused, and nobody is acting.
**1**: something slips inside, and the customer has not felt it yet.
"""

from __future__ import annotations

from escalations.rules import customers, departments, endings, owners, promises
from escalations.rules.rule import ROLES, Nature, Number, Rule
from escalations.rules.wishes import Wish, as_wished, tells, wish_for

RULES: tuple[Rule, ...] = (
    *endings.RULES,
    *promises.RULES,
    *customers.RULES,
    *departments.RULES,
    *owners.RULES,
)

# Settled by an answer alone, and on the last rung where that did not help.
SOMEONE_ELSE = (customers.SOMEONE_ELSE_ASKED.name, customers.ANSWER_DID_NOT_HELP.name)

BY_NAME = {rule.name: rule for rule in RULES}

__all__ = [
    "BY_NAME",
    "ROLES",
    "RULES",
    "SOMEONE_ELSE",
    "Nature",
    "Number",
    "Rule",
    "Wish",
    "as_wished",
    "tells",
    "wish_for",
]
