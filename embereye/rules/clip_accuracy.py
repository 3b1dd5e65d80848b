"""How well alarms tell clips with something from clips without."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from embereye.rules.intervals import Estimate, proportion, rate

IN_TIME = {"fire": 10.0, "smoke": 30.0}  # s; smoke is verified for up to 30 s
ONSET = 3.0  # s after the flame has grown to 1 % of the picture's height squared


@dataclass(frozen=True, slots=True)
class Found:
    """When one clip was found in each trial.

    Attributes:
        label: What it shows: "fire" or "smoke".
        times: Seconds from the event's start to the alarm of that label; None: never. Negative:
            before it, by what cannot be it or by an earlier sign of it.
        any_times: The same for the first alarm of either label.
    """

    name: str
    label: str
    times: tuple[float | None, ...]
    any_times: tuple[float | None, ...]

    def within(self, seconds: float) -> int:
        """Trials found by then, by the alarm of its label."""
        return _within(self.times, seconds)

    def any_within(self, seconds: float) -> int:
        """Trials found by then, by either alarm."""
        return _within(self.any_times, seconds)

    @property
    def typical(self) -> float | None:
        """Median time of all trials; None where most trials never found it."""
        times = sorted(float("inf") if time is None else time for time in self.times)
        middle = median(times) if times else float("inf")
        return None if middle == float("inf") else middle


@dataclass(frozen=True, slots=True)
class Quiet:
    """What happened while a clip without anything was watched.

    Attributes:
        hours: How long.
        fires, smokes: Alarms raised; one that goes on counts once.
        standing_hours: How long any alarm stood.
        highest_fire, highest_smoke: Highest scores, 0–1.
    """

    name: str
    hours: float
    fires: int
    smokes: int
    standing_hours: float
    highest_fire: float
    highest_smoke: float


@dataclass(frozen=True, slots=True)
class ClipShare:
    """Clips found in time: more than half of their trials were.

    Attributes:
        clips: Their share with its interval; None without clips.
        trials: Share of all trials; no interval, as trials of one clip are near twins.
        any_clips: As `clips`, by either alarm.
    """

    label: str
    seconds: float
    count: int
    clips: Estimate | None
    any_clips: Estimate | None
    trials: float | None


def found_share(clips: Sequence[Found], label: str, seconds: float) -> ClipShare:
    """Clips of `label` found within `seconds`."""
    ours = [clip for clip in clips if clip.label == label and clip.times]
    hits = sum(2 * clip.within(seconds) > len(clip.times) for clip in ours)
    any_hits = sum(2 * clip.any_within(seconds) > len(clip.times) for clip in ours)
    trials = sum(len(clip.times) for clip in ours)
    good = sum(clip.within(seconds) for clip in ours)
    return ClipShare(
        label,
        seconds,
        len(ours),
        proportion(hits, len(ours)) if ours else None,
        proportion(any_hits, len(ours)) if ours else None,
        good / trials if trials else None,
    )


def false_rate(clips: Sequence[Quiet], label: str) -> Estimate | None:
    """False alarms of `label` a camera-hour with their interval; None without any time."""
    hours = sum(clip.hours for clip in clips)
    events = sum(clip.fires if label == "fire" else clip.smokes for clip in clips)
    return rate(events, hours) if hours > 0 else None


def _within(times: Sequence[float | None], seconds: float) -> int:
    return sum(time is not None and time <= seconds for time in times)
