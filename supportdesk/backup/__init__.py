"""Backup and restore: one archive with the database, the files that belong to it, and what they come to.

``manifest`` counts and compares, ``archive`` is the file, ``making`` and ``restoring`` what the two commands do.
"""


class Impossible(Exception):
    """It cannot be done, and no data has been changed. The text is one sentence for whoever typed the command."""
