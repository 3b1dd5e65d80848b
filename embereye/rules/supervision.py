"""When a silent device becomes suspect, and when it is a fault (alarms, section Supervision)."""

_SUSPECT_LEAST, _SUSPECT_MOST = 10.0, 25.0  # s
_FAULT = 30.0  # s, for devices whose period is at most _SHORT
_SHORT = 8.0  # s; three of these fit into the 25 s before a device is suspect
_PERIODS = 3.0  # missing packets in a row are no accident of a lossy line
_LATER = 5.0  # s from suspect to fault for slower devices

_LEARN = 8  # gaps that one estimate averages over; a burst after a stall does not change the mean
_GROWTH = 2.0  # an estimate grows at most by this factor, so that an outage is not learned
_ALIKE = 0.2  # relative difference of two long gaps in a row that are a habit, not two outages
_LONGEST = 3600.0  # s; the longest period that can be set


def suspect_after(period: float) -> float:
    """Seconds of silence after which a device with this period (s) is suspect."""
    if period <= _SHORT:
        return min(max(_PERIODS * period, _SUSPECT_LEAST), _SUSPECT_MOST)
    return _PERIODS * period


def fault_after(period: float) -> float:
    """Seconds of silence after which a device with this period (s) is a fault."""
    return _FAULT if period <= _SHORT else _PERIODS * period + _LATER


class PeriodMeter:
    """Learns the time between packets of one kind.

    Attributes:
        period: Seconds; as known from earlier, else None until two packets came.
    """

    __slots__ = ("_count", "_first", "_known", "_last", "_outage", "_sure", "period")

    def __init__(self, known: float | None = None) -> None:
        """`known`: s, as learned in an earlier run; it counts until this one knows better."""
        self._known = self.period = known
        self._sure = False
        self._first: float | None = None
        self._last: float | None = None
        self._count = 0
        self._outage = 0.0  # s, the gap before this one when that was an outage, too

    @property
    def learned(self) -> bool:
        """Whether `period` was measured over several gaps since the start."""
        return self._sure

    def note(self, at: float) -> None:
        """A packet came at `at` (monotonic s)."""
        first, last, self._last = self._first, self._last, at
        if first is None:
            self._first = at
            if last is not None:
                self._end_outage(at - last)
            return
        self._outage = 0.0
        self._count += 1
        if self._count == _LEARN:
            mean = (at - first) / _LEARN
            known = self.period if self._sure else None
            self.period = min(mean, _GROWTH * known) if known else mean
            self._first, self._count, self._sure = at, 0, True
        elif not self._sure and self._known is None:
            self.period = (at - first) / self._count

    def interrupt(self) -> None:
        """The device was silent: the gap that ends next is no period, unless it comes again."""
        self._first, self._count = None, 0

    def restart(self) -> None:
        """Forget what was measured; packets of another kind follow."""
        self.interrupt()
        self.period, self._sure = self._known, False
        self._last, self._outage = None, 0.0

    def _end_outage(self, gap: float) -> None:
        """Two outages in a row that are alike are how a slow device sends."""
        if abs(gap - self._outage) < _ALIKE * gap <= _ALIKE * _LONGEST:
            self.period, self._sure = (gap + self._outage) / 2, True
        self._outage = gap
