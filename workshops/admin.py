from django.contrib import admin

from workshops.models import Membership, Series, SessionTemplate, Workshop


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Workshop)
class WorkshopAdmin(admin.ModelAdmin):
    """Who may run a workshop; its content is changed in the console."""

    list_display = ["title", "date", "place", "attribution", "ended_at"]
    list_filter = ["attribution", "is_rehearsal"]
    search_fields = ["title", "slug"]
    # The rule under which people spoke is changed in the console, while it may be. A
    # rehearsal may be deleted with all that was said, so a real day is never made one.
    readonly_fields = [
        "attribution",
        "is_rehearsal",
        "template",
        "created_at",
        "ended_at",
    ]
    exclude = ["join_code", "join_secret", "screen_secret"]
    inlines = [MembershipInline]


@admin.register(Series)
class SeriesAdmin(admin.ModelAdmin):
    list_display = ["title", "key"]


@admin.register(SessionTemplate)
class SessionTemplateAdmin(admin.ModelAdmin):
    """What has been loaded; a loaded version never changes."""

    list_display = ["title", "key", "version", "language", "loaded_at", "loaded_by"]
    search_fields = ["title", "key"]

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False
