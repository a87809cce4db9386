"""What kombu 5.7 gets wrong when the broker goes away, put right before the first connection.

A worker that loses Redis with a task in hand acknowledges the task, or hands it back, over a channel that is closed
already. That is an ``AttributeError`` deep inside, which the worker does not take for a lost connection: it dies.
"""

from __future__ import annotations

from kombu.transport import redis as transport
from redis.exceptions import ConnectionError as Gone


def mend() -> None:
    """A closed channel says that its connection is gone; and nothing is handed back by hand.

    Nobody misses what is not handed back: a task is a bell, the minute's bell rings again, and Redis hands out once
    more what was not acknowledged within the visibility timeout.
    """
    channel = transport.Channel
    parameters = channel._connparams

    def of_an_open_channel(self, *given, **named):
        if self.connection is None or self.connection.client is None:
            raise Gone("The channel is closed.")
        return parameters(self, *given, **named)

    channel._connparams = of_an_open_channel
    channel.do_restore = False
