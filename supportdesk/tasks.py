"""The tasks: doorbells that call one function each."""

from celery import shared_task

from supportdesk import clock


@shared_task(name="supportdesk.announce")
def announce() -> None:
    """Something was committed: let follow what follows."""
    from supportdesk.announce import announce
    from supportdesk.telling import gathering

    with clock.reading():
        announce()
        gathering.ring_if_some_wait()


@shared_task(name="supportdesk.sweep")
def sweep() -> None:
    """A minute has passed."""
    from escalations.sweep import sweep_now

    with clock.reading():
        sweep_now()


@shared_task(name="supportdesk.tell")
def tell() -> None:
    """What was not looked at goes out by mail."""
    from supportdesk.telling import gathering, sending

    # Without one instant for all of it: a mail server takes its time.
    gathering.gather(clock.now())
    sending.send_due()


@shared_task(name="supportdesk.forget_mail_files")
def forget_mail_files() -> None:
    """Where mails become files, they do not pile up for ever."""
    from supportdesk.telling import backends

    backends.forget_old_files(clock.now())


@shared_task(name="supportdesk.deliver")
def deliver() -> None:
    """What other programs want to hear goes out to them."""
    from channels.webhooks import sending

    # Without one instant for all of it: a receiver takes its time.
    sending.send_due()


@shared_task(name="supportdesk.forget_deliveries")
def forget_deliveries() -> None:
    """What other programs heard long ago need not be kept."""
    from channels.webhooks import replaying

    replaying.forget(clock.now())


@shared_task(name="supportdesk.forget_sessions")
def forget_sessions() -> None:
    """Nothing stays of a session that has ended, least of all what somebody typed and did not send."""
    from django.contrib.sessions.backends.db import SessionStore

    SessionStore.clear_expired()


@shared_task(name="supportdesk.forget_done_once")
def forget_done_once() -> None:
    """What was kept of a request for a day, so that sent again it is answered the same, is not kept longer."""
    from staff.api import once

    once.forget(clock.now())
