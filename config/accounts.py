"""Accounts of facilitators and admins; participants have none."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account import forms as allauth_forms
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.addresses import client_ip

WRONG = _("This user name or e-mail address and this password do not belong together.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        # Never from the name in the request, which anybody can write: the mail would
        # send its reader, with the key, to a stranger's server.
        path = urlsplit(super().get_reset_password_from_key_url(key)).path
        return settings.PUBLIC_URL + path


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail address")
        # Longer than any; a database gives up on comparing far longer ones.
        self.fields["login"].validators.append(MaxLengthValidator(320))
        self.fields[
            "password"
        ].help_text = ""  # the page has the link, after the button
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)  # each has a label
