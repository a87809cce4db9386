"""The demo: people and problems that look like an ordinary day, told through the verbs.

``people`` says who there is, ``diary`` when, ``telling`` what can happen, and ``stories`` what did.
"""
