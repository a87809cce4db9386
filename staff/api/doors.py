"""What every address of the API does before and after it calls its verb."""

from __future__ import annotations

from io import BytesIO

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.http.request import UnreadablePostError
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from staff.api import versions
from staff.api.authentication import ByToken, InScope
from staff.api.limits import AMinute
from staff.api.once import done_once
from staff.api.pages import require_known, sparse
from staff.api.parsing import AlwaysJSON, OneObject
from staff.api.writing import Written
from staff.models.tokens import Scope

# Beyond this the database has no number, and nothing has such an id.
LARGEST_ID = 2**63 - 1


class TooLarge(APIException):
    status_code = 413
    default_detail = "This is too much for one request: at most 1 MB."
    default_code = "too_large"


class Door(APIView):
    """Parse, call one verb, answer.

    Attributes:
        needs: the scope for anything but reading.
        takes: serializer of what is sent.
    """

    authentication_classes = (ByToken,)
    permission_classes = (InScope,)
    throttle_classes = (AMinute,)
    parser_classes = (OneObject,)
    renderer_classes = (Written,)
    content_negotiation_class = AlwaysJSON
    format_kwarg = None
    needs = Scope.WRITE
    takes: type | None = None
    limits: dict[str, str] = {}

    def initialize_request(self, request: HttpRequest, *args, **kwargs) -> Request:
        request.encoding = "utf-8"  # a charset in the request could name a codec that reads no text
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args, **kwargs) -> None:
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        try:
            self.perform_authentication(request)
        finally:
            self.check_throttles(request)  # who is not let in has asked too
        self.check_permissions(request)
        _read_whole(request._request)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            _require_plain_address(request)
            _ = request.data  # what cannot be read is refused even where nothing is asked for
        for value in kwargs.values():
            if isinstance(value, int) and value > LARGEST_ID:
                raise Http404

    def finalize_response(self, request: Request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        for name, value in self.limits.items():
            response[name] = value
        return response

    def given(self, request: Request) -> dict:
        """What was sent, read and found possible."""
        if self.takes is None:
            return {}
        reader = self.takes(data=request.data, context={"request": request})
        reader.is_valid(raise_exception=True)
        return reader.validated_data

    def once(self, request: Request, do) -> Response:
        """Do it in one transaction, and once however often it is sent, see ``once``."""
        return done_once(request, do)

    def one(self, request: Request, told: dict, state: str = "", status: int = 200, **headers) -> Response:
        """One thing with its version; nothing but that where the asker has read this very version.

        Args:
            state: the version of what can be acted on, where it is more than what is told, see ``versions``.
        """
        version = versions.version_of(told, state)
        headers["ETag"] = versions.tag(version)
        if request.method in ("GET", "HEAD"):
            if versions.has_read(request, version):
                return Response(status=304, headers=headers)
            require_known(request)
            told = sparse(request, told)
        return Response(told, status=status, headers=headers)


def _read_whole(request: HttpRequest) -> None:
    """Read the body once: the key of a request is of its bytes, see ``once``; and no more than is allowed."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise TooLarge
    # In chunks nobody says beforehand how much it will be, and Django would read nothing.
    if request.headers.get("Transfer-Encoding") and not hasattr(request, "_body"):
        body = request.META["wsgi.input"].read(most + 1)
        if len(body) > most:
            raise TooLarge
        request._body, request._stream = body, BytesIO(body)
        request.META["CONTENT_LENGTH"] = str(len(body))
    try:
        request.body  # noqa: B018
    except UnreadablePostError as gone:
        raise ParseError("The request ended before its end.") from gone


def _require_plain_address(request: Request) -> None:
    """An act is told everything in its body: a parameter of its address would be passed over in silence."""
    for name in request.query_params:
        raise ValidationError({name[:40]: "Nothing that is done reads parameters of its address."})


def narrowed(request: Request, rows: QuerySet, *paths: str) -> QuerySet:
    """Only what is about the departments to which the token is limited, if it is.

    Args:
        paths: how the rows lead to a department; any of them will do.
    """
    departments = request.auth.departments
    if not departments:
        return rows
    about = Q()
    for path in paths:
        about |= Q(**{f"{path}__in": departments})
    return rows.filter(about)
