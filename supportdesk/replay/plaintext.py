"""The words of a small piece of HTML, as people read them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BREAKS = ("p", "br", "div", "li", "tr", "blockquote", "pre", "h1", "h2", "h3", "h4", "ul", "ol")
_UNREAD = ("script", "style")


def words_of(html: str, longest: int) -> str:
    """Text without tags, one line for each paragraph, cut where it is too long.

    Args:
        longest: in characters.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.text).splitlines())
    return cut(re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), longest)


def cut(words: str, longest: int) -> str:
    """The words, or so many of them as there is room for."""
    return words if len(words) <= longest else words[: longest - 1] + "…"


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs) -> None:
        self._unread += tag in _UNREAD
        if tag in _BREAKS:
            self.text.append("\n")
        if tag == "li":
            self.text.append("- ")

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _UNREAD and self._unread > 0
        if tag in _BREAKS:
            self.text.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.text.append(data)
