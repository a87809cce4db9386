"""Departments, topics, hours and agents in Django's admin; pages of their own stand at ``/hours/``."""

from __future__ import annotations

from django.contrib import admin

from staff.models import Agent, Calendar, Department, Topic
from supportdesk import clock


@admin.register(Calendar)
class CalendarAdmin(admin.ModelAdmin):
    list_display = ["name", "zone", "monday", "friday", "country"]
    fieldsets = [
        (None, {"fields": ["name", "zone"]}),
        (
            "Working hours",
            {
                "fields": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
                "description": "Blocks such as 09:00-12:30, 13:30-17:00; empty is closed.",
            },
        ),
        ("Closed", {"fields": ["country", "subdivision", "closed_days"]}),
        ("Open all the same", {"fields": ["open_days"]}),
    ]

    def save_model(self, request, obj, form, change):
        obj.changed_at, obj.changed_by = clock.now(), request.user
        super().save_model(request, obj, form, change)


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):
    list_display = ["name", "plain_name", "calendar", "lead", "second_line", "is_default"]
    list_select_related = ["calendar", "lead", "second_line"]
    fields = ["name", "plain_name", "calendar", "lead", "second_line"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "lead":
            kwargs["queryset"] = Agent.objects.people()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        if "calendar" in form.changed_data:
            obj.hours_chosen_at, obj.hours_chosen_by = clock.now(), request.user
        super().save_model(request, obj, form, change)


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    list_display = ["name", "department", "position"]


@admin.register(Agent)
class AgentAdmin(admin.ModelAdmin):
    """People are added by ``manage.py add_agent``, which hands out their first link."""

    list_display = ["name", "email", "department", "is_supervisor", "is_admin", "is_active", "can_sign_in"]
    list_filter = ["department", "is_supervisor", "is_active"]
    search_fields = ["name", "email"]
    fields = ["name", "email", "department", "is_supervisor", "is_admin", "is_active", "can_sign_in"]
    # Signing off ends sessions and asks for a cover, leaving for new owners: both have their page under /people/.
    readonly_fields = ["is_active", "can_sign_in"]

    def get_queryset(self, request):
        return super().get_queryset(request).people()

    def changelist_view(self, request, extra_context=None):
        told = "Somebody new is added by the command manage.py add_agent, which prints their first link."
        return super().changelist_view(request, {**(extra_context or {}), "subtitle": told})

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
