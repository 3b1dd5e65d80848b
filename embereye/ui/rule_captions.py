"""What the options of rules are called on the screen, and in which units they count."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

# Inputs that are 0 or 1: they have no limit to enter.
STATES = frozenset({"camera fault", "device fault", "alarm"})
DIGITAL = "flame digital"


@dataclass(frozen=True, slots=True)
class Scale:
    """In what a value is measured, what it can be ("": no firm ends), and a first limit."""

    unit: str
    range: str
    begin: float


# Ranges: config.rule_options. First limits: those of design/alarms.md for a high alarm (60 °C,
# 8 °C/min, idle + 25 points of flame, + 15 of smoke, where idle is some 7 % in the field), vision
# at 0.5; gas at a common threshold of CO2 in rooms (1,000 ppm).
_SCALES = {
    "label": Scale("", "0–1", 0.5),
    "thermal": Scale("°C", "", 60.0),
    "rise": Scale("°C/min", "", 8.0),
    "smoke": Scale("%", "0–100", 25.0),
    "flame": Scale("%", "0–100", 57.0),
    "gas": Scale("ppm", "0–1,000,000", 1000.0),
    "temperature": Scale("°C", "", 60.0),
}
_STATE = Scale("", "", 0.5)


def scale_of(condition: Mapping[str, object]) -> Scale:
    """How the value of a condition is measured, by its options."""
    looked_at = condition.get("input", "label")
    if looked_at == "thermal":
        rise = condition.get("measure") == "rise"
        return _SCALES["rise" if rise else "thermal"]
    if looked_at == "sensor":
        return _SCALES.get(str(condition.get("channel", "smoke")), _STATE)
    return _SCALES["label"] if looked_at == "label" else _STATE


def is_state(condition: Mapping[str, object]) -> bool:
    """Whether it is 0 or 1, so that nobody enters a limit."""
    looked_at = condition.get("input", "label")
    return looked_at in STATES or (
        looked_at == "sensor" and condition.get("channel", "smoke") == DIGITAL
    )


def inputs() -> list[tuple[str, str]]:
    """Where values come from."""
    return [
        ("label", _tr("Seen by a camera")),
        ("thermal", _tr("Thermal picture")),
        ("sensor", _tr("Sensor channel")),
        ("camera fault", _tr("Camera fault")),
        ("device fault", _tr("Device fault")),
        ("alarm", _tr("Another alarm")),
    ]


def measures() -> list[tuple[str, str]]:
    """Figures of a thermal picture."""
    return [
        ("maximum", _tr("Maximum, °C")),
        ("minimum", _tr("Minimum, °C")),
        ("mean", _tr("Mean, °C")),
        ("rise", _tr("Rise of the maximum, °C/min")),
    ]


def channels() -> list[tuple[str, str]]:
    """Channels of a sensor."""
    return [
        ("smoke", _tr("Smoke, %")),
        ("flame", _tr("Flame, %")),
        (DIGITAL, _tr("Flame, digital")),
        ("gas", _tr("Gas, ppm")),
        ("temperature", _tr("Its own temperature, °C")),
    ]


def kinds() -> list[tuple[str, str]]:
    """Kinds of alarms that a condition can look at."""
    return [
        ("fire", _tr("Fire alarm")),
        ("gas", _tr("Gas alarm")),
        ("intrusion", _tr("Intrusion alarm")),
        ("camera fault", _tr("Camera fault alarm")),
        ("device fault", _tr("Device fault alarm")),
        ("system fault", _tr("System fault alarm")),
        ("rule", _tr("Alarm of a rule")),
    ]


def quiet_kinds() -> list[tuple[str, str]]:
    """Kinds of alarms that a suppression can be about; never fire."""
    return [pair for pair in kinds() if pair[0] not in ("fire", "system fault")]


def comparisons(state: bool) -> list[tuple[str, str]]:
    """Ways to compare a value with its limit; of a state: whether it is there."""
    if state:
        return [("at least", _tr("is there")), ("at most", _tr("is not there"))]
    return [("at least", _tr("at least")), ("at most", _tr("at most"))]


def needs() -> list[tuple[str, str]]:
    """How many conditions of a group must hold."""
    return [
        ("all", _tr("All of these")),
        ("any", _tr("Any of these")),
        ("at least", _tr("At least so many")),
    ]


def priorities() -> list[tuple[str, str]]:
    """Urgencies, the gravest first."""
    return [
        ("emergency", _tr("Emergency")),
        ("high", _tr("High")),
        ("medium", _tr("Medium")),
        ("low", _tr("Low")),
    ]


def holiday_uses() -> list[tuple[str, str]]:
    """What holidays are to a rule."""
    return [
        ("also", _tr("on holidays too")),
        ("not", _tr("not on holidays")),
        ("only", _tr("on holidays only")),
    ]


def sounds() -> list[tuple[str, str]]:
    """What is heard."""
    own = [("", _tr("That of its priority"))]
    return [*own, *priorities(), ("none", _tr("None"))]


def _tr(text: str) -> str:
    return QCoreApplication.translate("rule_captions", text)
