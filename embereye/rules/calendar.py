"""When a rule counts: hours, holidays and arming modes, by the date and time on the wall."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from embereye.rules.hours import ALWAYS, Hours

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class LocalMoment:
    """What calendar and wall clock show; `minute` counts from midnight."""

    day: date
    minute: float


def local_moment(utc: float, zone: tzinfo | None = None) -> LocalMoment:
    """What they show at `utc` (s) in a time zone; None: the zone of this machine."""
    local = datetime.fromtimestamp(utc, zone)
    return LocalMoment(local.date(), local.hour * 60 + local.minute + local.second / 60)


class HolidayUse(StrEnum):
    """Whether something counts on holidays."""

    ALSO = "also"
    NOT = "not"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class Holidays:
    """Days such as "2027-01-01", or "12-25" for each year."""

    days: frozenset[str] = frozenset()

    def hold(self, day: date) -> bool:
        """Whether a day is one."""
        return day.isoformat() in self.days or f"{day:%m-%d}" in self.days


@dataclass(frozen=True, slots=True)
class When:
    """When something counts.

    A night belongs to the day on which it begins: the span of 20:00–06:00 that begins on a
    holiday is a holiday's until 06:00 of the next day.

    Attributes:
        modes: Arming modes; empty: all.
    """

    hours: Hours = ALWAYS
    use: HolidayUse = HolidayUse.ALSO
    modes: frozenset[str] = frozenset()

    def barred(self, now: LocalMoment, mode: str, holidays: Holidays) -> str:
        """Why it does not count now, in words; empty when it does."""
        if self.modes and mode not in self.modes:
            return f"the mode is {mode}"
        ago = self.hours.begun(now.day.weekday(), now.minute)
        if ago is None:
            return f"outside its hours ({words_of(self.hours)})"
        if self.use is HolidayUse.ALSO:
            return ""
        day = now.day - timedelta(days=ago)
        if holidays.hold(day) and self.use is HolidayUse.NOT:
            return f"{day.isoformat()} is a holiday"
        if not holidays.hold(day) and self.use is HolidayUse.ONLY:
            return f"{day.isoformat()} is no holiday"
        return ""


def words_of(hours: Hours) -> str:
    """Hours as people write them: "Mon Fri 20:00–06:00"."""
    days = " ".join(_DAYS[day] for day in sorted(hours.days))
    if hours.start == hours.end == 0:
        return days or "always"
    return f"{days} {_clock(hours.start)}–{_clock(hours.end)}".lstrip()


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
