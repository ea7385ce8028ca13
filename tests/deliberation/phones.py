"""Phones for tests: a browser that holds a seat, and what it sends."""

from django.test import Client

from tests import builders
from workshops import codes, identity
from workshops.models import Participant, Workshop

JSON = {"Accept": "application/json"}


class Phone:
    """The browser of a participant."""

    def __init__(self, workshop: Workshop, *, table: int | None = 1) -> None:
        token = codes.new_token()
        self.who: Participant = builders.join(workshop, table=table, token=token)
        self.slug = workshop.slug
        self.client = self.another_device(token)

    def another_device(self, token: str) -> Client:
        client = Client()
        client.cookies[identity.cookie_name(self.who.workshop_id)] = token
        return client

    def get(self, path: str = "", **headers):
        return self.client.get(f"/w/{self.slug}/{path}", headers=headers)

    def post(self, path: str, data: dict, **headers):
        return self.client.post(f"/w/{self.slug}/{path}", data, headers=headers)

    def send(self, path: str, data: dict):
        """Post as the script does."""
        return self.post(path, data, **JSON)
