"""An overlay as it is kept, so that it ends in time over restarts."""

from dataclasses import dataclass

from embereye.model.alarm import Overlay


@dataclass(frozen=True, slots=True)
class OverlayRecord:
    """One overlay with what a restart needs.

    Attributes:
        number: Counts up, never reused.
        seconds: The full time that was asked for; None: it ends with its condition.
        boot: `Clock.boot()` of the machine's start that `until_mono` belongs to.
        until_mono: When it ends, monotonic s of that start; None with `seconds`.
        end: What ended it (event of `rules.overlays`), "" while it is in force.
        ended_utc: When, s.
        ended_by: Who, "system" for an expiry.
    """

    number: int
    overlay: Overlay
    seconds: float | None
    boot: str
    until_mono: float | None
    end: str = ""
    ended_utc: float | None = None
    ended_by: str = ""
