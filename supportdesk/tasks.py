"""The tasks: doorbells that call one function each."""

from celery import shared_task

from supportdesk import clock


@shared_task(name="supportdesk.announce")
def announce() -> None:
    """Something was committed: let follow what follows."""
    from supportdesk.announce import announce

    with clock.reading():
        announce()


@shared_task(name="supportdesk.sweep")
def sweep() -> None:
    """A minute has passed."""
    from escalations.sweep import sweep_now

    with clock.reading():
        sweep_now()


@shared_task(name="supportdesk.forget_sessions")
def forget_sessions() -> None:
    """Nothing stays of a session that has ended, least of all what somebody typed and did not send."""
    from django.contrib.sessions.backends.db import SessionStore

    SessionStore.clear_expired()
