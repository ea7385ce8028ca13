from django.contrib import admin

from deliberation.models import Event


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """What facilitators did and when; nobody edits it."""

    list_display = ["at", "workshop", "actor", "verb", "subject", "undone_at"]
    list_filter = ["verb"]
    date_hierarchy = "at"

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
