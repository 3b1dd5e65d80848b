"""Clips with and without fire through the chain, and what came of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from embereye.model.detection import FIRE, SMOKE
from embereye.model.errors import SourceError
from embereye.rules.clip_accuracy import (
    IN_TIME,
    ClipShare,
    Found,
    Quiet,
    false_rate,
    found_share,
)
from embereye.rules.intervals import Estimate
from embereye.services.footage import Footage, loaded
from embereye.services.labelled import Labelled
from embereye.services.trial import Chain, find, watch_quiet


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is played.

    Attributes:
        minutes: Of each clip that shows nothing (or whose truth is unknown).
        trials: Views of each clip that shows fire or smoke.
        seed: Of all crops, exposures and shakes.
    """

    minutes: float = 10.0
    trials: int = 5
    seed: int = 1


@dataclass(frozen=True, slots=True)
class ClipReport:
    """What came of a collection of clips.

    Attributes:
        found: Clips with fire or smoke.
        quiet: Clips without.
        unknown: Clips whose truth nobody knows; they count for nothing.
    """

    found: tuple[Found, ...]
    quiet: tuple[Quiet, ...]
    unknown: tuple[Quiet, ...]

    def shares(self, seconds: float | None = None) -> tuple[ClipShare, ...]:
        """Shares found in time (`seconds`, else the usual ones), of labels that occur."""
        labels = [label for label in (FIRE, SMOKE) if any(f.label == label for f in self.found)]
        return tuple(found_share(self.found, x, seconds or IN_TIME[x]) for x in labels)

    def false_alarms(self) -> dict[str, Estimate]:
        """False alarms a camera-hour; empty without quiet clips."""
        rates = {label: false_rate(self.quiet, label) for label in (FIRE, SMOKE)}
        return {label: rate for label, rate in rates.items() if rate is not None}


def play(
    chain: Chain, clips: Iterable[Footage], plan: Plan, told: Callable[[str], None]
) -> ClipReport:
    """Play each clip in turn; `told` is given its name before.

    Raises:
        DetectorError: the detector failed.
    """
    found: list[Found] = []
    quiet: list[Quiet] = []
    unknown: list[Quiet] = []
    for clip in clips:
        told(clip.name)
        if clip.fire or clip.smoke:
            found.append(find(chain, clip, plan.trials, plan.seed))
        elif clip.fire is False and clip.smoke is False:
            quiet.append(watch_quiet(chain, clip, plan.minutes, plan.seed))
        else:
            unknown.append(watch_quiet(chain, clip, plan.minutes, plan.seed))
    return ClipReport(tuple(found), tuple(quiet), tuple(unknown))


def footage_of(rows: Sequence[Labelled], problem: Callable[[str], None]) -> Iterator[Footage]:
    """The clips of a manifest one at a time; `problem` is told of those that cannot be read."""
    for row in rows:
        try:
            yield loaded(row)
        except SourceError as error:
            problem(str(error))
