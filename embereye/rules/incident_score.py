"""The rule score of an incident: how urgent its alarms and detections make it, 0–100.

score = base + bonus, where

- base is 91, 70, 45, 20 or 5 for the highest priority that one of its alarms ever had
  (emergency, high, medium, low, diagnostic); without an alarm 50 × confidence of the surest fire
  or smoke, 30 × confidence of anything else;
- bonus is 2 for each further alarm (at most 4), 2 for each further source of alarms (at most 4),
  and 1 where a camera saw fire, smoke or a person beside an alarm.

The bases leave each priority in a level of its own at the usual limits: the highest bonus is 9.
It is a number of these rules; the language model's risk is another one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from embereye.model.alarm import Priority
from embereye.model.detection import FIRE, SMOKE
from embereye.model.incident import Level, Member, Tally

_BASES = {
    Priority.EMERGENCY: 91,
    Priority.HIGH: 70,
    Priority.MEDIUM: 45,
    Priority.LOW: 20,
    Priority.DIAGNOSTIC: 5,
}
_BURNING, _OTHER = 50.0, 30.0  # of full confidence, without any alarm: medium and low
_EACH, _MOST = 2, 4  # of further alarms, and of further sources


@dataclass(frozen=True, slots=True)
class LevelLimits:
    """Highest score of each level; above the last one it is critical."""

    low: int = 29
    medium: int = 59
    high: int = 84


def score(members: Sequence[Member], detections: Sequence[Tally]) -> int:
    """The rule score, 0–100; 0 without alarms and detections."""
    if not members:
        return round(max((_seen(tally) for tally in detections), default=0.0))
    base = _BASES[max(member.priority for member in members)]
    sources = {(member.kind, member.source) for member in members}
    bonus = min(_MOST, _EACH * (len(members) - 1)) + min(_MOST, _EACH * (len(sources) - 1))
    return min(100, base + bonus + bool(detections))


def level(points: int, limits: LevelLimits) -> Level:
    """What a score means, of the rules or of the language model."""
    if points <= limits.low:
        return Level.LOW
    if points <= limits.medium:
        return Level.MEDIUM
    return Level.HIGH if points <= limits.high else Level.CRITICAL


def _seen(tally: Tally) -> float:
    return (_BURNING if tally.label in (FIRE, SMOKE) else _OTHER) * tally.best
