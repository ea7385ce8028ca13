from typing import Any

from django.apps import AppConfig, apps
from django.core.management import call_command
from django.db.models.signals import post_migrate


class ConfigConfig(AppConfig):
    """Joins what settings alone cannot: checks, the admin's door, the cache table."""

    name = "config"

    def ready(self) -> None:
        from allauth.account.decorators import secure_admin_login
        from django.contrib import admin

        from config import checks  # noqa: F401  (registers them)

        # The admin's own login knows neither limits nor a second factor.
        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
        # Once in each `migrate`, so that nobody can forget it.
        post_migrate.connect(create_cache_table, sender=apps.get_app_config("sessions"))


def create_cache_table(*, using: str, **_kwargs: Any) -> None:
    call_command("createcachetable", database=using, verbosity=0)
