"""What the rules of people sound like."""

from collections.abc import Mapping

from embereye.config.schema import Settings
from embereye.rules.annunciation import Tone

_NAMED = {
    "emergency": Tone.FIRE,
    "high": Tone.HIGH,
    "medium": Tone.MEDIUM,
    "low": Tone.LOW,
    "none": None,
}


def rule_tones(settings: Settings) -> Mapping[str, Tone | None]:
    """The sound of each rule that does not sound like its priority, by its id."""
    return {rule.id: _NAMED[rule.sound] for rule in settings.rules if rule.sound}
