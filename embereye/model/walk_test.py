"""Walk tests: technicians make devices alarm, and nobody runs."""

from dataclasses import dataclass

from embereye.model.ids import PlaceId


@dataclass(frozen=True, slots=True)
class WalkTest:
    """One walk test, running or ended.

    Attributes:
        places: Where alarms are marked as test.
        names: What people call these places, in the same order.
        since_utc, until_utc: s; the end moves when somebody sets the wall clock.
        expected: "camera ID" or "device ID" of all that could alarm there when it began.
        tested: Those of them, and others, that raised a test alarm, in their order; a fault is
            none.
        ended_by: Who ended it, "system" when its time was over; empty while it runs.
    """

    places: tuple[PlaceId, ...]
    names: tuple[str, ...]
    by: str
    since_utc: float
    until_utc: float
    expected: tuple[str, ...]
    tested: tuple[str, ...] = ()
    ended_by: str = ""
    ended_utc: float | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Those that raised no test alarm."""
        return tuple(source for source in self.expected if source not in self.tested)


@dataclass(frozen=True, slots=True)
class WalkTests:
    """The walk test that runs, and the one before; None where there is none."""

    running: WalkTest | None = None
    last: WalkTest | None = None
