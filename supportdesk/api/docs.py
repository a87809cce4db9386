"""The API's description to browse, from our own server; and every reason for which it can say no."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from rest_framework import exceptions

from staff.api.doors import TooLarge

PACKAGES = ("staff", "customers", "cases", "escalations", "supportdesk")
# Who says no: the exceptions of ``supportdesk.errors``, what they are raised through, and what stands in the way.
_SAY_NO = {"Refused": 0, "NotAllowed": 0, "Conflict": 0, "Hindrance": 0, "ChangedMeanwhile": 0, "require": 1}
_SAY_NO |= {"problem": 1, "plain": 1}
# What is refused before any of our rules is asked.
_BEFORE = (
    exceptions.ParseError,
    exceptions.AuthenticationFailed,
    exceptions.NotAuthenticated,
    exceptions.MethodNotAllowed,
    exceptions.NotAcceptable,
    exceptions.UnsupportedMediaType,
    exceptions.Throttled,
    TooLarge,
)


@login_not_required
@require_safe
def browse(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html")


@login_not_required
@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    return render(request, "api/problems.html", {"problems": sorted(rules().items())})


@cache
def rules() -> dict[str, tuple[str, ...]]:
    """Every code with the sentences that come with it, read out of the program: a rule is written down where it is."""
    found = defaultdict(set)
    for package in PACKAGES:
        for path in (settings.ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                code, sentence = _no(node)
                if code:
                    found[code].add(sentence)
    for refusal in _BEFORE:
        found[refusal.default_code].add(re.sub(r"\{\w+\}", "…", str(refusal.default_detail)))
    return {code: tuple(sorted(filter(None, sentences))) for code, sentences in found.items()}


def _no(node: ast.AST) -> tuple[str, str]:
    """The code and the sentence of a call that says no; empty for anything else."""
    if not isinstance(node, ast.Call):
        return "", ""
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    first = _SAY_NO.get(name)
    arguments = node.args[first:] if first is not None else []
    if not arguments or not isinstance(arguments[0], ast.Constant) or not isinstance(arguments[0].value, str):
        return "", ""
    return arguments[0].value, _words(arguments[1]) if len(arguments) > 1 else ""


def _words(node: ast.AST) -> str:
    """A sentence as it stands in the program, with … for what is filled in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
    return ""
