"""Codes and secrets: what is typed, what is scanned, what a browser keeps."""

import hashlib
import re
import secrets

# 31 symbols that nobody mistakes for another one: no 0 or O, no 1, I or L.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
JOIN_CODE_LENGTH = 6
TICKET_CODE_LENGTH = 8


def new_join_code() -> str:
    """Return six random symbols (29.7 bits), in capitals."""
    return _symbols(JOIN_CODE_LENGTH)


def new_ticket_code() -> str:
    """Return eight random symbols (39.6 bits), in capitals."""
    return _symbols(TICKET_CODE_LENGTH)


def _symbols(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def new_ref() -> str:
    """Return eight random symbols that name a participant; they carry no order."""
    return _symbols(8)


def new_secret() -> str:
    """Return 128 random bits, safe in an address."""
    return secrets.token_urlsafe(16)


def new_token() -> str:
    """Return 256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return the SHA-256 of a token in hexadecimal: what the database keeps."""
    return hashlib.sha256(token.encode()).hexdigest()


def normalise_join_code(typed: str) -> str:
    """Return what was meant: capitals, no blanks, hyphens or other marks."""
    return re.sub(r"[\W_]", "", typed).upper()
