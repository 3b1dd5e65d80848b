"""How what detectors found looks: colour, shape and words, always together."""

from dataclasses import dataclass
from functools import lru_cache

from embereye.model.detection import FIRE, SMOKE, Detection
from embereye.ui.theme import Look, Shape, Tokens, text_on
from embereye.ui.words import caption


@dataclass(frozen=True, slots=True)
class ChipLook:
    """The chip beside a box.

    Attributes:
        ink, fill: Colours of the text and behind it.
        look: Shape before the text, None for none.
    """

    ink: str
    fill: str
    look: Look | None


def colour(label: str, colours: Tokens) -> str:
    """The colour of boxes, contours and trails of this label."""
    return {FIRE: colours.fire, SMOKE: colours.high}.get(label, colours.text)


@lru_cache(maxsize=200)  # labels in the colours of a theme; a chip is laid out at each verdict
def chip_look(label: str, colours: Tokens) -> ChipLook:
    """Fire: filled red with a square; smoke: filled orange with a triangle; else a quiet scrim."""
    shape = {FIRE: Shape.SQUARE, SMOKE: Shape.TRIANGLE}.get(label)
    if shape is None:
        return ChipLook("#FFFFFF", colours.scrim, None)
    fill = colour(label, colours)
    ink = text_on(fill)
    return ChipLook(ink, fill, Look(ink, shape, True, label))


def chip_text(found: Detection, sure: bool = True) -> str:
    """What, and how sure: "Fire 92 %"; never 100 %, which no detector knows."""
    word = caption(found.label.capitalize())
    return f"{word} {min(99, round(found.confidence * 100))} %" if sure else word


def severity(found: Detection) -> tuple[int, float]:
    """Order in which chips get their places: fire, smoke, then the surest."""
    return {FIRE: 0, SMOKE: 1}.get(found.label, 2), -found.confidence
