"""What departments took before, and what that says about what is asked of them now.

``opentime``, ``lasting`` and ``playing`` are values in, values out: time as a table, a department's record, a thousand
plays of a plan. ``record`` reads the record, ``plans`` a case's plan; ``words`` says what came of it.
``docs/forecast.md`` tells why it is reckoned so, and how often it was right.
"""
