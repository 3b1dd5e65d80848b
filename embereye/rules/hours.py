"""When something counts: days of the week and a span of local time."""

from dataclasses import dataclass

_DAY = 24 * 60  # min


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of local time that begins on some days of the week.

    What the wall clock shows decides. So on the night when it is put back, the hour that it shows
    twice counts twice; on the night when it is put forward, a span that begins in the hour that
    is left out begins after it.

    Attributes:
        days: Days on which it begins, 0 is Monday; empty: every day.
        start, end: Minutes after midnight; an end that is not after the start lies on the next
            day, so equal ones mean 24 hours.
    """

    days: frozenset[int] = frozenset()
    start: int = 0
    end: int = 0

    def hold(self, weekday: int, minute: float) -> bool:
        """Whether it counts on this weekday (0 is Monday) at this minute after midnight."""
        return self.begun(weekday, minute) is not None

    def begun(self, weekday: int, minute: float) -> int | None:
        """How many days ago (0 or 1) the span began that counts now; None: it does not count."""
        if self.start < self.end:
            counts = self.start <= minute < self.end and self._begins(weekday)
            return 0 if counts else None
        if minute >= self.start:
            return 0 if self._begins(weekday) else None
        return 1 if minute < self.end and self._begins((weekday - 1) % 7) else None

    def _begins(self, weekday: int) -> bool:
        return not self.days or weekday in self.days


ALWAYS = Hours()


def minutes(text: str) -> int:
    """Minutes after midnight of "HH:MM", as settings give it."""
    hours, _, rest = text.partition(":")
    return (int(hours) * 60 + int(rest)) % _DAY
