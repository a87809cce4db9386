"""How often one token may ask: a window of a minute, told in every answer."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from supportdesk import clock

WINDOW = 60  # seconds


class AMinute(BaseThrottle):
    """Counts in the cache. Where that cannot be reached nothing is limited: people still get in."""

    def allow_request(self, request: Request, view) -> bool:
        self.most = settings.API_A_MINUTE if request.auth else settings.API_A_MINUTE_UNKNOWN
        second = clock.now().timestamp()
        self.left_of_window = WINDOW - second % WINDOW
        who = f"t{request.auth.pk}" if request.auth else f"a{self.get_ident(request)}"
        asked = sum(cache.count({f"api:{who}:{int(second // WINDOW)}": WINDOW * 2}))
        view.limits = {
            "RateLimit-Limit": str(self.most),
            "RateLimit-Remaining": str(max(0, self.most - asked)),
            "RateLimit-Reset": str(round(self.left_of_window)),
        }
        return asked <= self.most

    def wait(self) -> float:
        return self.left_of_window
