"""Replaying a real company's log through the desk's own verbs.

``reading`` takes a file apart, ``sorting`` puts its cases together on disk, ``uci`` says what a case's rows mean,
``driving`` does it with the verbs, ``people`` makes whom the log names, ``figures`` counts, ``running`` is the whole.
"""
