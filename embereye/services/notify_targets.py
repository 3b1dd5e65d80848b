"""From the settings to what notices are sent with."""

import ipaddress
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from embereye.config.notify_options import EmailTarget, Occasion, WebhookTarget
from embereye.config.schema import Settings
from embereye.ingest.url import Url, split
from embereye.links.email import Mail, MailServer, send_mail
from embereye.links.failure import DeliveryFailed
from embereye.links.webhook import Hook, post
from embereye.model.alarm import Alarm, AlarmKind, Priority
from embereye.model.errors import ConfigError, SourceError
from embereye.model.notice import Delivery, NoticeEvent, TargetKind
from embereye.rules.hours import Hours, minutes
from embereye.rules.notice_text import BODY, clean_line, clean_text, filled, filled_line
from embereye.rules.notices import Selection
from embereye.rules.overlays import in_test
from embereye.runtime.http_exchange import Allowance
from embereye.runtime.logs import REDACTION

MAIL_DEADLINE = 30.0  # s for one try; a loaded server takes some seconds for its checks
HOOK_DEADLINE = 15.0  # s for one try

Secret = Callable[[str], str | None]


class Outlet(Protocol):
    """Sends to one target."""

    def send(self, delivery: Delivery, at_utc: float, allowance: Allowance) -> None:
        """Send one notice; DeliveryFailed when that fails. `at_utc`: now, s."""


@dataclass(frozen=True, slots=True)
class Address:
    """A target as planner and courier know it.

    Attributes:
        deadline: s for one try.
        outlet: Makes what sends, with its secrets; may block for seconds, and raise ConfigError.
    """

    id: str
    kind: TargetKind
    name: str
    selection: Selection
    cooldown: float
    deadline: float
    outlet: Callable[[], Outlet] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RuleChoice:
    """What a rule says about notices of its alarms; no names: as for every alarm."""

    names: frozenset[str]
    cooldown: float


@dataclass(frozen=True, slots=True)
class NoticeSite:
    """All that is known from the settings; replaced as a whole."""

    addresses: Mapping[str, Address] = field(default_factory=dict)
    rules: Mapping[str, RuleChoice] = field(default_factory=dict)
    overdue: float = 120.0
    keep_trying: float = 72 * 3600.0

    def rule_of(self, alarm: Alarm) -> RuleChoice | None:
        """What the rule behind an alarm says; None where there is none."""
        return self.rules.get(alarm.key.source) if alarm.key.kind is AlarmKind.RULE else None


def secret_name(target: str) -> str:
    """Where the password of a mail server, or the key of signatures, lies in the secret store."""
    return f"notify/{target}"


def token_name(target: str) -> str:
    """Where the token of a webhook lies in the secret store."""
    return f"notify/{target}/token"


def notice_site(settings: Settings, secret: Secret) -> NoticeSite:
    """E-mail and webhooks that are switched on. Touches neither disk nor network."""
    section = settings.notifications
    addresses: dict[str, Address] = {}
    for mail in section.emails:
        if mail.enabled:
            addresses[mail.id] = _address(mail, TargetKind.EMAIL, settings, secret)
    for hook in section.webhooks:
        if hook.enabled:
            addresses[hook.id] = _address(hook, TargetKind.WEBHOOK, settings, secret)
    rules = rule_choices(settings)
    return NoticeSite(addresses, rules, section.overdue, section.keep_trying * 3600.0)


def rule_choices(settings: Settings) -> dict[str, RuleChoice]:
    """What each rule says about targets, by its id.

    A rule whose targets are all gone or switched off is treated as one that names none: its alarms
    must reach somebody. `embereye config check` tells of it.
    """
    used = {target.id for target in settings.notifications.targets if target.enabled}
    return {
        rule.id: RuleChoice(frozenset(rule.actions) & used, rule.cooldown)
        for rule in settings.rules
    }


def selection_of(occasion: Occasion) -> Selection:
    """The pure part of the settings of a target."""
    quiet = None
    if occasion.quiet_from:
        quiet = Hours(start=minutes(occasion.quiet_from), end=minutes(occasion.quiet_to))
    return Selection(
        least=Priority[occasion.priority.upper()],
        events=frozenset(NoticeEvent(event) for event in occasion.events),
        kinds=frozenset(AlarmKind(kind) for kind in occasion.kinds),
        places=frozenset(occasion.places),
        quiet=quiet,
        tests=occasion.tests,
    )


def hook_url(target: WebhookTarget) -> Url:
    """The checked address of a webhook.

    Raises:
        ConfigError: It cannot be used; with what to write instead, never with a password.
    """
    if target.url.strip().partition("://")[0].lower() not in ("http", "https"):
        raise ConfigError("The address of the webhook must start with https://.")
    try:
        url, login = split(target.url.strip(), login_known=False)
    except SourceError as error:
        raise ConfigError(f"The address of the webhook is wrong. {error}") from None
    if login is not None:
        raise ConfigError(
            "Write no user name or password into the address of the webhook. Enter a token instead."
        )
    if url.scheme == "http" and not target.allow_http and not is_own_machine(url.host):
        raise ConfigError(
            "Plain http to another machine is refused. Enter an https address, or allow plain http."
        )
    return url


def is_own_machine(host: str) -> bool:
    """Whether nobody on the way can read along."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(
    target: EmailTarget | WebhookTarget, kind: TargetKind, settings: Settings, secret: Secret
) -> Address:
    occasion = target.occasion
    if isinstance(target, EmailTarget):
        mail = target
        return Address(
            mail.id, kind, mail.name, selection_of(occasion), occasion.cooldown, MAIL_DEADLINE,
            lambda: MailOutlet(mail, settings, _known(secret, secret_name(mail.id))),
        )  # fmt: skip
    hook = target
    return Address(
        hook.id, kind, hook.name, selection_of(occasion), occasion.cooldown, HOOK_DEADLINE,
        lambda: HookOutlet(
            hook, settings, _known(secret, secret_name(hook.id)),
            _known(secret, token_name(hook.id)) if hook.token_header else "",
        ),
    )  # fmt: skip


def _known(secret: Secret, name: str) -> str:
    found = secret(name) or ""
    REDACTION.learn(found)
    return found


class MailOutlet:
    """Sends to the people of one e-mail target."""

    def __init__(self, target: EmailTarget, settings: Settings, password: str) -> None:
        self._target, self._settings = target, settings
        user = target.user
        self._server = MailServer(target.host, target.port, target.security, user, password)

    def send(self, delivery: Delivery, at_utc: float, allowance: Allowance) -> None:
        """Send one notice; DeliveryFailed when that fails."""
        target = self._target
        if not target.host or not target.sender:
            raise DeliveryFailed(f"{target.name} names no server or no sender. Enter them.")
        values = notice_values(delivery, self._settings)
        mark = "TEST: " if values["test"] else ""
        mail = Mail(
            sender=target.sender,
            recipients=delivery.rest or target.recipients,
            subject=mark + filled_line(target.subject, values),
            body=mark + filled(target.body or BODY, values),
            key=delivery.key,
            at_utc=delivery.notice.at_utc,
        )
        send_mail(self._server, mail, allowance)


class HookOutlet:
    """Sends to one webhook."""

    def __init__(self, target: WebhookTarget, settings: Settings, secret: str, token: str) -> None:
        """ConfigError when its address cannot be used."""
        url = hook_url(target)
        headers: dict[str, str] = {}
        for line in target.headers:
            name, _, value = line.partition(":")
            headers[name] = value.strip()
        if target.token_header and token:
            headers[target.token_header] = _sendable(token, target.name)
        secure = url.scheme == "https"
        self._hook = Hook(secure, url.host, url.port, url.target, url.place, headers, secret)
        self._settings = settings

    def send(self, delivery: Delivery, at_utc: float, allowance: Allowance) -> None:
        """Send one notice; DeliveryFailed when that fails."""
        body = json.dumps(notice_document(delivery, self._settings), ensure_ascii=False)
        post(self._hook, body.encode(), delivery.key, at_utc, allowance)


def notice_values(delivery: Delivery, settings: Settings) -> dict[str, str]:
    """What a template can name, and "test": not empty for a test."""
    notice = delivery.notice
    alarm = notice.alarm
    place = next((p for p in settings.places if p.id == alarm.key.place), None)
    return {
        "event": delivery.event.value,
        "priority": alarm.priority.name.lower(),
        "kind": alarm.key.kind.value,
        "place": alarm.place_name or alarm.key.place,
        "reasons": "\n".join(alarm.reasons),
        "state": alarm.state.value,
        "time": _local(notice.at_utc),
        "raised": _local(alarm.raised_utc),
        "actor": notice.actor,
        "alarm": str(alarm.id),
        "guidance": place.guidance if place is not None else "",
        "phones": "\n".join(place.phones) if place is not None else "",
        "console": settings.notifications.console,
        "test": "test" if in_test(alarm) or not alarm.id else "",
    }


def notice_document(delivery: Delivery, settings: Settings) -> dict[str, object]:
    """The body of a webhook; docs/notifications.md describes it."""
    notice = delivery.notice
    alarm = notice.alarm
    return {
        "version": 1,
        "id": delivery.key,
        "event": delivery.event.value,
        "test": in_test(alarm) or not alarm.id,
        "at": notice.at_utc,
        "actor": clean_line(notice.actor),
        "console": clean_line(settings.notifications.console),
        "alarm": {
            "id": int(alarm.id),
            "revision": alarm.revision,
            "place": alarm.key.place,
            "place_name": clean_line(alarm.place_name),
            "kind": alarm.key.kind.value,
            "source": clean_line(alarm.key.source),
            "priority": alarm.priority.name.lower(),
            "state": alarm.state.value,
            "reasons": [clean_text(reason) for reason in alarm.reasons],
            "raised_at": alarm.raised_utc,
            "acknowledged_by": clean_line(alarm.acknowledged_by),
            "cameras": list(alarm.cameras),
            "sources": list(alarm.sources),
        },
    }


def _local(utc: float) -> str:
    return datetime.fromtimestamp(utc).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def _sendable(token: str, name: str) -> str:
    if not token.isascii() or not token.isprintable():
        raise ConfigError(f"The token of {name} has characters that cannot be sent. Enter it again")
    return token
