"""What stands in the logs: never a link that lets somebody in."""

from __future__ import annotations

import logging
import re

_KEYS = re.compile(r"(/sign-in/|/help/c/)[^/\s\"'?]+")


class NoKeys(logging.Filter):
    """Masks the keys of one-time and customers' links in whatever is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        masked = _KEYS.sub(r"\1…", said)
        if masked != said:
            record.msg, record.args = masked, ()
        return True
