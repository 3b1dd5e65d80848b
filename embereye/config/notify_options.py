"""Options of everything outgoing: e-mail, webhooks, relays; when each is used.

Passwords are no options: the secret store keeps them by the id of their target.
"""

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from embereye.config.options import Id, Name, Section, checked_id, option
from embereye.rules.notice_text import SUBJECT, template_trouble

PriorityChoice = Literal["emergency", "high", "medium", "low", "diagnostic"]
KindChoice = Literal[
    "fire", "gas", "intrusion", "camera fault", "device fault", "system fault", "rule"
]
EventChoice = Literal["announced", "escalated", "acknowledged", "returned", "closed"]

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
# A mailbox as people have it: RFC 5321 allows more (quoted local parts, literals), nobody uses it.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:]{2,45}")
# Source: RFC 9110 section 5.6.2 (token) and 5.5 (value, here printable ASCII only)
_HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ ]?([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]*")
_BYTES = re.compile(r"\s*([0-9A-Fa-f]{2}\s*)+")
# Set by this program, or carriers of secrets, which do not belong into a settings file.
_RESERVED = frozenset(
    {
        *("host", "content-length", "content-type", "transfer-encoding", "connection"),
        *("user-agent", "idempotency-key", "x-embereye-timestamp", "x-embereye-signature"),
    }
)
_SECRET = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key", "x-auth-token"})

_Text = Annotated[str, Field(max_length=300)]


class Occasion(Section):
    """When a target is used."""

    priority: PriorityChoice = option("high", "Least priority; diagnostic: faults as well")
    kinds: tuple[KindChoice, ...] = option((), "Kinds of alarms; empty: all", max_length=7)
    places: tuple[Id, ...] = option((), "Places by id; empty: all", max_length=200)
    events: tuple[EventChoice, ...] = option(
        ("announced", "escalated"), "What is told", min_length=1, max_length=5
    )
    quiet_from: str = option("", "Quiet hours begin, such as 22:00; fire is sent all the same")
    quiet_to: str = option("", "Quiet hours end; earlier than their begin: on the next day")
    cooldown: float = option(
        0.0, "After an announcement was sent none of the same alarm for this long",
        unit="s", ge=0.0, le=86_400.0,
    )  # fmt: skip
    tests: bool = option(False, "Walk tests and self-tests too, marked TEST")

    @model_validator(mode="after")
    def _both(self) -> "Occasion":
        for text in (self.quiet_from, self.quiet_to):
            if text and not _TIME.fullmatch(text):
                raise ValueError("write hours and minutes of the quiet hours, such as 22:00")
        if bool(self.quiet_from) != bool(self.quiet_to):
            raise ValueError("quiet hours need a begin and an end")
        return self


class EmailTarget(Section):
    """People who get an e-mail. The password is in the secret store."""

    id: Id = option(..., "Stable short name, unique among all targets")
    name: Name = option(..., "Name on the screen")
    enabled: bool = option(True, "Whether it is used")
    host: str = option("", "Mail server", max_length=253)
    port: int = option(587, "Its port: 587 with starttls, 465 with tls", ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = option(
        "starttls", "Encryption; none: everybody on the way can read along"
    )
    user: str = option("", "Name to log in with; empty: no login", max_length=200)
    sender: str = option("", "Address that it comes from", max_length=320)
    recipients: tuple[str, ...] = option((), "Addresses that it goes to", max_length=50)
    subject: str = option(SUBJECT, "Template of the subject", max_length=500)
    body: str = option("", "Template of the text; empty: the usual one", max_length=5000)
    occasion: Occasion = option(Occasion(), "When it is used")

    _id = field_validator("id")(checked_id)

    @field_validator("host")
    @classmethod
    def _named(cls, text: str) -> str:
        if text and not _HOST.fullmatch(text):
            raise ValueError("write the name or address of the server, without port and blanks")
        return text

    @field_validator("sender")
    @classmethod
    def _mailbox(cls, text: str) -> str:
        return _checked_address(text) if text else text

    @field_validator("recipients")
    @classmethod
    def _mailboxes(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_checked_address(text) for text in texts)

    @field_validator("subject", "body")
    @classmethod
    def _template(cls, text: str) -> str:
        if trouble := template_trouble(text):
            raise ValueError(trouble)
        return text

    @field_validator("subject")
    @classmethod
    def _one_line(cls, text: str) -> str:
        if not text.isprintable():
            raise ValueError("a subject has one line, without control characters")
        return text


class WebhookTarget(Section):
    """Another system that gets a signed HTTP request. Its secrets are in the secret store."""

    id: Id = option(..., "Stable short name, unique among all targets")
    name: Name = option(..., "Name on the screen")
    enabled: bool = option(True, "Whether it is used")
    url: str = option("", "Address, https://…; no key or password in it", max_length=500)
    allow_http: bool = option(False, "Plain http to another machine too; everybody can read along")
    headers: tuple[_Text, ...] = option((), "More headers, each as Name: value", max_length=20)
    token_header: str = option(
        "", "Header that carries the token of the secret store, such as Authorization",
        max_length=60,
    )  # fmt: skip
    occasion: Occasion = option(Occasion(), "When it is used")

    _id = field_validator("id")(checked_id)

    @field_validator("headers")
    @classmethod
    def _sendable(cls, lines: tuple[str, ...]) -> tuple[str, ...]:
        for line in lines:
            if not _HEADER.fullmatch(line):
                raise ValueError("write each header as Name: value, without other characters")
            name = line.partition(":")[0].lower()
            if name in _RESERVED:
                raise ValueError(f"the header {name} is set by this program: leave it out")
            if name in _SECRET:
                raise ValueError(f"{name} carries a secret: name it as token_header instead")
        return lines

    @field_validator("token_header")
    @classmethod
    def _header_name(cls, text: str) -> str:
        if not _TOKEN.fullmatch(text) or text.lower() in _RESERVED:
            raise ValueError("write the name of a header, such as Authorization")
        return text


class RelayTarget(Section):
    """A siren, a beacon or another contact that is switched over a serial line."""

    id: Id = option(..., "Stable short name, unique among all targets")
    name: Name = option(..., "Name on the screen")
    enabled: bool = option(True, "Whether it is used")
    armed: bool = option(True, "Whether alarms may switch it on")
    port: str = option("", "COM3, /dev/ttyUSB0, rfc2217://host:port", max_length=200)
    baud: int = option(9600, "Bits per second", ge=300, le=921_600)
    line: Literal["rts", "dtr", "bytes"] = option(
        "rts", "What switches: the line RTS or DTR, or bytes that a relay board understands"
    )
    on: str = option("A0 01 01 A2", "Bytes for on, hexadecimal", max_length=200)
    off: str = option("A0 01 00 A1", "Bytes for off, hexadecimal", max_length=200)
    follows: Literal["unacknowledged", "active"] = option(
        "unacknowledged",
        "On while an alarm is not acknowledged, or while one is active or not acknowledged",
    )
    silenced: bool = option(True, "Off while the sound is silenced; a beacon stays on")
    most_on: float = option(
        180.0, "On for at most this long; a further alarm switches it on again",
        unit="s", ge=1.0, le=86_400.0,
    )  # fmt: skip
    cool_down: float = option(
        0.0, "Off for at least this long after its longest time", unit="s", ge=0.0, le=86_400.0
    )
    occasion: Occasion = option(Occasion(), "When it is used; events and cooldown do not count")

    _id = field_validator("id")(checked_id)

    @field_validator("on", "off")
    @classmethod
    def _hexadecimal(cls, text: str) -> str:
        if not _BYTES.fullmatch(text):
            raise ValueError("write bytes as hexadecimal numbers, such as A0 01 01 A2")
        return text

    @model_validator(mode="after")
    def _different(self) -> "RelayTarget":
        if self.line == "bytes" and bytes.fromhex(self.on) == bytes.fromhex(self.off):
            raise ValueError("on and off must be different bytes")
        return self


class Notifications(Section):
    """Everything outgoing."""

    console: str = option("EmberEye", "Name of this console in what is sent", max_length=120)
    emails: tuple[EmailTarget, ...] = option((), "E-mail targets", max_length=50)
    webhooks: tuple[WebhookTarget, ...] = option((), "Webhooks", max_length=50)
    relays: tuple[RelayTarget, ...] = option((), "Relays", max_length=50)
    relays_blocked: bool = option(False, "Kill switch: all relays stay off")
    overdue: float = option(
        120.0, "A notice that waits longer is a fault", unit="s", ge=10.0, le=86_400.0
    )
    keep_trying: float = option(
        72.0, "A notice that could not be sent for this long is given up", unit="h", ge=1, le=720
    )

    @model_validator(mode="after")
    def _unique(self) -> "Notifications":
        ids = [target.id for target in self.targets]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"the id {', '.join(twice)} is used by two targets")
        return self

    @property
    def targets(self) -> tuple[EmailTarget | WebhookTarget | RelayTarget, ...]:
        """All of them, in the order of the settings."""
        return (*self.emails, *self.webhooks, *self.relays)


Target = EmailTarget | WebhookTarget | RelayTarget


def _checked_address(text: str) -> str:
    if len(text) > 254 or not _ADDRESS.fullmatch(text):  # source: RFC 5321 section 4.5.3.1.3
        raise ValueError(f"{text[:80]!r} is no e-mail address: write name@example.com")
    return text
