"""Experiments: something breaks on purpose, and afterwards the same invariants are asked as always.

Real PostgreSQL, Valkey, web, worker and beat as child processes, killed and stopped by their ids. Each experiment has a
short form in ``make test`` and a long one in ``make faults`` (``python -m tests.faults``); ``docs/faults.md`` tells
which there are and what they cannot show.
"""
