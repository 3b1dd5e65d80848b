"""Every colour, size and shape of the screens by its meaning; widgets never name a colour."""

from dataclasses import dataclass
from enum import Enum

from PySide6.QtGui import QColor, QFont

from embereye.model.alarm import FAULTS, Alarm, AlarmKind, OverlayKind, Priority

FAMILY = "Inter"
TEXT_PX = 13  # px, desk distance
STEP = 4  # px; every space is a multiple
CORNER = 4  # px
BAR_HEIGHT = 52  # px
RAIL_WIDTH = 64  # px
ROW_HEIGHT = 32  # px
FLASH_HZ = 1.0  # within the 0.5–2 Hz that ISA-18.2 practice recommends


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours as #RRGGBB. Contrast on `surface`: text ≥ 7 : 1, muted ≥ 4.5 : 1."""

    background: str = "#121518"
    surface: str = "#1A1E22"
    raised: str = "#22272C"
    line: str = "#30373E"
    text: str = "#E7EAED"
    muted: str = "#9BA5AF"
    disabled: str = "#5F6972"
    action: str = "#4C9FD4"
    action_hover: str = "#6BB4E2"
    focus: str = "#8CC8F0"
    on_action: str = "#121518"
    fire: str = "#F04438"
    high: str = "#F79009"
    medium: str = "#FAC515"
    low: str = "#7CB3D9"
    fault: str = "#EAC54F"
    test: str = "#3CCB7F"
    zone: str = "#5CC8C0"  # areas and lines that people drew; no state
    scrim: str = "#B4000000"  # #AARRGGBB: behind text that lies on a picture


DARK = Tokens()
HIGH_CONTRAST = Tokens(
    background="#000000",
    surface="#000000",
    raised="#14181C",
    line="#8A949E",
    text="#FFFFFF",
    muted="#D5DBE1",
    disabled="#9BA5AF",
    action="#6BC1FF",
    action_hover="#9AD6FF",
    focus="#FFFFFF",
    on_action="#000000",
    fire="#FF6A5F",
    high="#FFA733",
    medium="#FFD84D",
    low="#A5D3F5",
    fault="#FFE27A",
    test="#5CF0A0",
    zone="#84F2E8",
    scrim="#E6000000",
)
_THEMES = {"dark": DARK, "high contrast": HIGH_CONTRAST}


_COVERED = {
    OverlayKind.SHELVED: "SHELVED",
    OverlayKind.SUPPRESSED: "SUPPRESSED",
    OverlayKind.OUT_OF_SERVICE: "OUT OF SERVICE",
}


class Shape(Enum):
    """A priority is told by shape as well as by colour and word."""

    SQUARE = "square"
    TRIANGLE = "triangle"
    DIAMOND = "diamond"
    CIRCLE = "circle"


@dataclass(frozen=True, slots=True)
class Look:
    """How a severity looks: colour, shape and word, always together."""

    colour: str
    shape: Shape
    filled: bool
    word: str


def tokens(name: str) -> Tokens:
    """The colours of one theme of the settings ("dark", "high contrast")."""
    return _THEMES.get(name, DARK)


def alarm_look(colours: Tokens, alarm: Alarm) -> Look:
    """How this alarm is shown; one of a walk test is green, a ring, and says so."""
    if alarm.overlay is not None and alarm.overlay.kind is OverlayKind.TEST:
        return Look(colours.test, Shape.CIRCLE, False, "TEST")
    return kind_look(colours, alarm.key.kind, alarm.priority)


def tile_look(colours: Tokens, alarm: Alarm) -> Look:
    """How the tile of a camera shows its alarm: one that is kept quiet says why."""
    if alarm.overlay is None or alarm.overlay.kind is OverlayKind.TEST:
        return alarm_look(colours, alarm)
    return Look(colours.fault, Shape.DIAMOND, False, _COVERED[alarm.overlay.kind])


def kind_look(colours: Tokens, kind: AlarmKind, priority: Priority) -> Look:
    """How an alarm of this kind and priority is shown; faults are yellow and outlined."""
    if kind in FAULTS or priority is Priority.DIAGNOSTIC:
        return Look(colours.fault, Shape.TRIANGLE, False, "FAULT")
    return {
        Priority.EMERGENCY: Look(colours.fire, Shape.SQUARE, True, "FIRE"),
        Priority.HIGH: Look(colours.high, Shape.TRIANGLE, True, "HIGH"),
        Priority.MEDIUM: Look(colours.medium, Shape.DIAMOND, True, "MEDIUM"),
    }.get(priority, Look(colours.low, Shape.CIRCLE, True, "LOW"))


def text_on(fill: str) -> str:
    """Black or white, whichever reads better on `fill` (WCAG relative luminance)."""
    colour = QColor(fill)
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    # Equal contrast against black and white lies at 0.179; fire red (0.237) carries white in the
    # drawings: bold large text needs 3 : 1 only, which white has there (3.7 : 1).
    return "#FFFFFF" if luminance < 0.26 else "#121518"


def font(pixels: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The product's type face with tabular figures, `pixels` high."""
    made = QFont(FAMILY)
    made.setPixelSize(max(8, round(pixels)))
    made.setWeight(weight)
    if hasattr(made, "setFeature"):  # Qt ≥ 6.7
        made.setFeature(QFont.Tag("tnum"), 1)
    return made
