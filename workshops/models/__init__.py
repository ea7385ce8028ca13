from .help import HelpCall
from .people import (
    Badge,
    Device,
    DeviceLink,
    Guest,
    Membership,
    Organisation,
    Participant,
    Presence,
)
from .rotation import Move, Rotation
from .seating import ScribeLease, Table
from .series import Series
from .session import Session, Speaker
from .template import SessionTemplate
from .throttle import WrongCodes
from .ticket import Ticket
from .workshop import Workshop

__all__ = [
    "Badge",
    "Device",
    "DeviceLink",
    "Guest",
    "HelpCall",
    "Membership",
    "Move",
    "Organisation",
    "Participant",
    "Presence",
    "Rotation",
    "ScribeLease",
    "Series",
    "Session",
    "SessionTemplate",
    "Speaker",
    "Table",
    "Ticket",
    "Workshop",
    "WrongCodes",
]
