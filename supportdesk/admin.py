"""Mails to staff in Django's admin: what became of each. To be looked at; nobody sends one by hand."""

from __future__ import annotations

from django.contrib import admin

from cases.models import Digest


@admin.register(Digest)
class DigestAdmin(admin.ModelAdmin):
    list_display = ["made_at", "agent", "state", "attempts", "try_at", "sent_at", "error"]
    list_filter = ["state"]
    list_select_related = ["agent"]
    ordering = ["-pk"]
    show_full_result_count = False

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
