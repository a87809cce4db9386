"""Pages, the same for machines, and a statement: each as short as Django lets one write it."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.db import connection, transaction
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from bench.floor.models import Case, Message, Ticket


@login_required
def tickets(request):
    """Fifty open tickets of one owner, from one index."""
    mine = Ticket.objects.filter(owner_id=request.user.pk, closed_at=None).select_related("customer")
    return render(request, "floor/tickets.html", {"tickets": mine.order_by("due_at", "id")[:50]})


@login_required
def ticket(request, pk):
    """One ticket with its thread."""
    one = get_object_or_404(Ticket.objects.select_related("customer"), pk=pk)
    return render(request, "floor/ticket.html", {"ticket": one, "messages": one.messages.order_by("id")})


LINE = (
    "id", "subject", "state", "outcome", "priority", "channel", "department", "department__name", "owner",
    "owner__name", "customer", "customer__name", "opened_at", "closed_at", "next_step", "next_due_at",
    "customer_wrote_at", "we_wrote_at",
)  # fmt: skip


@login_required
def cases(request):
    """Fifty of the desk's cases of one owner, as JSON."""
    mine = Case.objects.filter(owner_id=request.user.pk)
    return JsonResponse({"results": list(mine.order_by("id").values(*LINE)[:50])})


@login_required
def case(request, pk):
    """One of them with what hangs on it."""
    told = Case.objects.filter(pk=pk).values(*LINE, "problem", "desired_outcome")[0]
    for name in ("promise", "subtask", "preference"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM cases_{name} WHERE case_id = %s ORDER BY id", [pk])
            columns = [column.name for column in cursor.description]
            told[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return JsonResponse(told)


@csrf_exempt
@login_required
def create(request):
    """One ticket with its first words."""
    now, words = timezone.now(), request.POST["body"]
    with transaction.atomic():
        made = Ticket.objects.create(
            customer_id=request.POST["customer"], owner_id=request.user.pk, subject=words[:70], words=words[:300],
            promised="be in touch", state="open", opened_at=now, due_at=now + timedelta(hours=4),
        )  # fmt: skip
        Message.objects.create(ticket=made, author="customer", body=words, written_at=now)
    return redirect(f"/tickets/{made.pk}/")


@csrf_exempt
@login_required
def reply(request, pk):
    """One message, and what the list shows of it."""
    now = timezone.now()
    with transaction.atomic():
        Message.objects.create(ticket_id=pk, author="agent", body=request.POST["body"], written_at=now)
        Ticket.objects.filter(pk=pk).update(words=request.POST["body"][:300])
    return redirect(f"/tickets/{pk}/")
