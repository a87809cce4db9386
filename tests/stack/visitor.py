"""A person with a browser without JavaScript, whose every next request may be answered by another web."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

Web = tuple[str, int]  # address and port


@dataclass
class Form:
    """A form as it stands on a page, with what is filled in already."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    options: dict[str, dict[str, str]] = field(default_factory=dict)  # of a choice: what is read → what is sent


class _Forms(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._select = self._area = ""
        self._option: str | None = None

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        if tag == "form":
            self._form = Form(at.get("action") or "")
            if at.get("method", "").lower() == "post":
                self.found.append(self._form)
        elif self._form is None or "disabled" in at:
            return
        elif tag == "input" and at.get("name"):
            picked = at.get("type") not in ("radio", "checkbox") or "checked" in at
            if picked:
                self._form.fields[at["name"]] = at.get("value") or ("on" if at.get("type") == "checkbox" else "")
            else:
                self._form.options.setdefault(at["name"], {})
        elif tag == "textarea":
            self._area = at.get("name") or ""
            self._form.fields[self._area] = ""
        elif tag == "select":
            self._select = at.get("name") or ""
            self._form.options[self._select] = {}
        elif tag == "option" and self._select:
            self._option = at.get("value", "")
            if "selected" in at or self._select not in self._form.fields:
                self._form.fields[self._select] = self._option

    def handle_data(self, data):
        if self._area and self._form:
            self._form.fields[self._area] += data
        if self._option is not None and self._form and data.strip():
            self._form.options[self._select][data.strip()] = self._option

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "option":
            self._option = None


@dataclass
class Page:
    path: str
    status: int
    text: str

    @property
    def forms(self) -> list[Form]:
        reader = _Forms()
        reader.feed(self.text)
        return reader.found

    def says(self, words: str) -> bool:
        text = re.sub(r"<(script|style).*?</\1>", " ", self.text, flags=re.DOTALL)
        return words in " ".join(re.sub(r"<[^>]+>", " ", text).split())


class Visitor:
    """Somebody who goes from page to page.

    Args:
        webs: those that are running, asked in turn; whoever keeps the list may take one out.
        address: whence they come, as the proxy in front of the webs says it.
    """

    def __init__(self, webs: Sequence[Web], address: str = "198.51.100.7"):
        self._webs, self._turn, self._address = webs, itertools.count(), address
        self._cookies: dict[str, str] = {}
        self.answered_by: set[Web] = set()

    def opens(self, path: str) -> Page:
        return self._follow("GET", path)

    def presses(self, path: str, after: float = 0, **typed: str) -> Page:
        """Open the page, fill in its form as a browser does (hidden fields and token included), and send it.

        Args:
            after: seconds that the typing takes.
            typed: by the fields' names; of a list what is read there.
        """
        page = self.opens(path)
        assert page.status == 200, (path, page.status, page.text[:500])
        fitting = [form for form in page.forms if typed.keys() <= form.fields.keys() | form.options.keys()]
        form = next((f for f in fitting if urljoin(page.path, f.action) == page.path), fitting[0] if fitting else None)
        assert form, (path, typed, [(f.action, list(f.fields)) for f in page.forms])
        chosen = {name: form.options.get(name, {}).get(value, value) for name, value in typed.items()}
        time.sleep(after)
        answer = self._follow("POST", urljoin(page.path, form.action), urlencode(form.fields | chosen))
        assert answer.status == 200, (path, answer.status, answer.text[:2000])
        return answer

    def _follow(self, method: str, path: str, body: str | None = None) -> Page:
        for _ in range(8):
            status, location, text = self._ask(method, path, body)
            if status not in (301, 302, 303):
                return Page(path, status, text)
            path, method, body = urlsplit(urljoin(path, location)).path, "GET", None
        raise AssertionError(f"{path} leads in a circle.")

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, str, str]:
        web = self._webs[next(self._turn) % len(self._webs)]
        line = HTTPConnection(*web, timeout=60)
        headers = {
            "Host": "desk.example",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "X-Forwarded-For": self._address,
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            line.close()
        for header in answer.headers.get_all("Set-Cookie", []):
            self._cookies |= {name: each.value for name, each in SimpleCookie(header).items()}
        self.answered_by.add(web)
        return answer.status, answer.headers.get("Location", ""), text


def fetched(web: Web, path: str) -> tuple[int, bytes]:
    """What one web answers to one question; 0 and nothing if it does not."""
    line = HTTPConnection(*web, timeout=10)
    try:
        line.request("GET", path, headers={"Host": "desk.example"})
        answer = line.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        line.close()
