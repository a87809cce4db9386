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
