"""The address the web listens on: is it free, what does it answer, what does a person type?"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from supportdesk.embedded.errors import CannotStart

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


@dataclass(frozen=True)
class FrontDoor:
    host: str
    port: int

    def must_be_free(self) -> None:
        """Raise ``CannotStart`` if somebody else listens there, or nobody may."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port left a moment ago counts as free
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise CannotStart(
                    f"Port {self.port} of {self.host} cannot be used ({error.strerror}); choose another with PORT."
                ) from error

    def bind(self) -> str:
        return f"{_in_brackets(self.host)}:{self.port}"

    def address(self) -> str:
        """What a person on this machine types into the browser."""
        return f"http://{_in_brackets(self._near())}:{self.port}/"

    def readiness(self) -> str:
        """The answer of ``/readyz`` for people: ``ready`` as soon as pages are served, or what is still in the way.

        A sweep that is old does not count: a desk that was off for hours has to start before it can sweep.
        """
        # Asked as a proxy would ask: a desk that lives behind https would send us there.
        headers = {"Host": f"localhost:{self.port}", "X-Forwarded-Proto": "https"}
        line = HTTPConnection(self._near(), self.port, timeout=3)
        try:
            line.request("GET", "/readyz", headers=headers)
            answer = line.getresponse()
            report = answer.read(5000).decode(errors="replace")
            return "ready" if json.loads(report)["serves"] else f"{answer.status} {report[:500]}"
        except (ValueError, KeyError, TypeError):
            return f"{answer.status} {report[:500]}"
        except (OSError, HTTPException) as error:
            return f"no answer ({error})"
        finally:
            line.close()

    def _near(self) -> str:
        return EVERYWHERE.get(self.host, self.host)


def _in_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host else host
