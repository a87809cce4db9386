"""The cache, for limits and drafts: a desk whose Redis is away still lets people in."""

from __future__ import annotations

from django_redis.cache import RedisCache


class OpenWithoutRedis(RedisCache):
    """Without Redis nothing is kept; ``add`` then says that the key was free, as the sign-in's limits ask it to."""

    def add(self, *args, **kwargs) -> bool:
        added = super().add(*args, **kwargs)
        return True if added is None else added
