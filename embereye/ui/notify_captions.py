"""What the options of targets are called on the screen."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from embereye.model.notice import TargetKind


def _tr(text: str) -> str:
    return QCoreApplication.translate("notify_captions", text)


def target_captions(kind: TargetKind) -> Mapping[str, str]:
    """The options of a target itself, in the order of the form."""
    common = {"name": _tr("Name"), "enabled": _tr("Enabled")}
    if kind is TargetKind.EMAIL:
        return common | {
            "host": _tr("Mail server"),
            "port": _tr("Port"),
            "security": _tr("Encryption"),
            "user": _tr("User name"),
            "sender": _tr("Sender"),
            "recipients": _tr("Recipients"),
        }
    if kind is TargetKind.WEBHOOK:
        return common | {
            "url": _tr("Address"),
            "allow_http": _tr("Allow plain http"),
            "headers": _tr("More headers"),
            "token_header": _tr("Header of token"),
        }
    return common | {
        "armed": _tr("Armed"),
        "port": _tr("Serial port"),
        "baud": _tr("Speed"),
        "line": _tr("Switched by"),
        "on": _tr("Bytes for on"),
        "off": _tr("Bytes for off"),
        "follows": _tr("On while"),
        "silenced": _tr("Off in silence"),
        "most_on": _tr("Longest time on"),
        "cool_down": _tr("Rest after that"),
    }


def occasion_captions(kind: TargetKind) -> Mapping[str, str]:
    """The simple options of when it is used; a relay follows alarms and has no messages."""
    first = {"priority": _tr("Least priority"), "places": _tr("Places (ids)")}
    tests = {"tests": _tr("Tests too")}
    if kind is TargetKind.RELAY:
        return first | tests
    return first | {
        "quiet_from": _tr("Quiet from"),
        "quiet_to": _tr("Quiet until"),
        "cooldown": _tr("Cooldown"),
        **tests,
    }


def kind_title(kind: TargetKind) -> str:
    """A target of this kind, as the title of its form."""
    return {
        TargetKind.EMAIL: _tr("E-mail"),
        TargetKind.WEBHOOK: _tr("Webhook"),
        TargetKind.RELAY: _tr("Relay"),
    }[kind]
