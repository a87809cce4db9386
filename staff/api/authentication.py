"""Who asks: a token in the ``Authorization`` header, and nowhere else."""

from __future__ import annotations

import re

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, ParseError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from staff import access
from staff.models import AccessToken, Agent
from staff.models.tokens import Scope
from supportdesk.errors import NotAllowed

# In an address a token would stand in logs, histories and referrers.
NEVER_IN_ADDRESS = ("token", "access_token", "api_key", "key")
_SECRET = re.compile(rf"{access.PREFIX}[\w-]{{43}}")


class ByToken(BaseAuthentication):
    """``Authorization: Bearer desk_…``; the agent who acts and the token."""

    def authenticate(self, request: Request) -> tuple[Agent, AccessToken] | None:
        if _names_token(request):
            raise ParseError("A token belongs into the Authorization header, never into an address. Revoke this one.")
        words = get_authorization_header(request).split()
        if not words:
            return None
        if len(words) != 2 or words[0].lower() != b"bearer":
            raise AuthenticationFailed("Write the header like “Authorization: Bearer desk_…”.")
        token = access.recognise(words[1].decode("latin-1"))
        if token is None:
            raise AuthenticationFailed("This token is unknown, over or revoked.")
        access.note_use(token)
        return token.agent, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="desk"'


def _names_token(request: Request) -> bool:
    asked = request.query_params
    return any(name in asked for name in NEVER_IN_ADDRESS) or bool(_SECRET.search(request._request.get_full_path()))


class InScope(BasePermission):
    """The token may do what this address and method need, see ``Door.needs``."""

    def has_permission(self, request: Request, view) -> bool:
        if request.auth is None:
            return False
        needed = Scope.READ if request.method in ("GET", "HEAD", "OPTIONS") else view.needs
        if not request.auth.allows(needed):
            raise NotAllowed("scope", f"This token may not do that: it needs the scope “{needed}”.")
        return True
