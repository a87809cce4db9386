"""``Idempotency-Key``: the same request sent twice, or by twins at the same moment, is done once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from staff.api.writing import as_json
from staff.models import DoneOnce
from supportdesk import clock
from supportdesk.errors import Refused

KEPT = timedelta(hours=24)
REPLAYED = "Idempotent-Replayed"
# What is answered where the words have been taken out since.
FORGOTTEN = "null"
# Of an answer these are kept beside its body.
HEADERS = ("ETag", "Location")


def done_once(request: Request, do: Callable[[], Response]) -> Response | HttpResponse:
    """Do it in one transaction, and with a key keep what was answered; or answer again what was answered before.

    What is refused has changed nothing and is not kept: sent again it is asked again.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        with transaction.atomic():
            return do()
    if not (len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Refused("bad_key", "An Idempotency-Key has at most 255 printable characters of ASCII.")
    with transaction.atomic():
        asked = _hashed(request)
        row = _claim(request.auth.pk, key, asked)
        if row is None:
            return _again(DoneOnce.objects.get(token=request.auth, key=key), asked)
        answer = do()
        _keep(row, answer)
    return answer


def forget(now: datetime) -> int:
    """Drop what was kept long enough; how many."""
    return DoneOnce.objects.filter(made_at__lt=now - KEPT).delete()[0]


def _claim(token: int, key: str, asked: str) -> int | None:
    """A new row, or None where there is one. A twin's that is not committed yet is waited for."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"token": token, "key": key, "asked": asked, "now": now, "until": now - KEPT})
        row = cursor.fetchone()
    return row[0] if row else None


def _keep(row: int, answer: Response) -> None:
    headers = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
    said = {"status": answer.status_code, "headers": json.dumps(headers), "body": as_json(answer.data).decode()}
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, {"row": row, **said})


def _again(kept: DoneOnce, asked: str) -> HttpResponse:
    if kept.asked != asked:
        raise Refused("key_used_otherwise", "This Idempotency-Key was used for another request. Take a new one.")
    headers = {**kept.headers, REPLAYED: "true"}
    return HttpResponse(kept.body, status=kept.status, content_type="application/json", headers=headers)


def _hashed(request: Request) -> str:
    said = f"{request.method} {request.get_full_path()}\n".encode() + request._request.body
    return hashlib.sha256(said).hexdigest()


# What is too old counts as if it were gone, whether or not somebody has come by to forget it.
_CLAIM = """
INSERT INTO staff_doneonce (token_id, key, asked, made_at, headers, body)
VALUES (%(token)s, %(key)s, %(asked)s, %(now)s, '{}', '')
    ON CONFLICT (token_id, key) DO UPDATE
   SET asked = excluded.asked, made_at = excluded.made_at, status = NULL, headers = '{}', body = ''
 WHERE staff_doneonce.made_at < %(until)s
RETURNING id
"""
_KEEP = "UPDATE staff_doneonce SET status = %(status)s, headers = %(headers)s, body = %(body)s WHERE id = %(row)s"
