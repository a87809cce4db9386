"""Replaying what other desks have lived through the desk's own verbs.

``reading`` takes a file apart, ``rows`` is what every log comes to; ``uci``, ``bpi2013``, ``bpi2014`` and ``helpdesk``
say what the columns of each mean; ``sorting`` puts cases together on disk, ``driving`` does them with the verbs.
``complaints`` and ``questions`` are conversations, read and driven by themselves. ``people`` makes whom they name,
``figures`` counts, ``writing`` and ``running`` are the whole, ``command`` its options and how it goes.
"""
