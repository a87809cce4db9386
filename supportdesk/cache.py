"""The cache, for limits and drafts: a desk whose Redis is away still lets people in."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping

from django_redis.cache import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

A_MINUTE = 60  # seconds


class OpenWithoutRedis(RedisCache):
    """Without Redis nothing is kept; ``add`` then says that the key was free, as the sign-in's limits ask it to."""

    def add(self, *args, **kwargs) -> bool:
        added = super().add(*args, **kwargs)
        return True if added is None else added

    def count(self, within: Mapping[str, int]) -> list[int]:
        """Count one more of each, all in one trip.

        Args:
            within: key → seconds after which its counting begins anew.

        Returns:
            how often each has been counted, this time included, in their order; empty where nobody counts.
        """
        try:
            asked = self.client.get_client(write=True).pipeline(transaction=False)
            for key, seconds in within.items():
                asked.set(self.make_key(key), 0, ex=seconds, nx=True).incr(self.make_key(key))
            return asked.execute()[1::2]
        except (RedisError, OSError) as away:
            _say_that_nobody_counts(away)
            return []


_said_at = -math.inf


def _say_that_nobody_counts(away: Exception) -> None:
    """Once a minute: each request would say the same."""
    global _said_at
    if time.monotonic() - _said_at >= A_MINUTE:
        _said_at = time.monotonic()
        log.warning("Nothing is counted, for the cache does not answer (%s): nobody is held back.", type(away).__name__)
