"""The faults of devices: one alarm a device, with everything that is wrong with it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.ids import DeviceId
from embereye.model.stamp import Stamp
from embereye.services.device_entry import DeviceEntry
from embereye.services.places import Places

_SPACING = 31.0  # s between two announcements of lesser faults: never 3 in 60 s (chattering)

# How grave a reason is. A graver one joining a fault is announced again.
MINOR = 1  # the device works, but somebody should come
BLIND = 2  # a part of what it protects is not watched
GONE = 3  # nothing is watched


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is wrong with a device.

    Attributes:
        name: Which one; its first text stays as long as it lasts, so that it is told once.
        text: In words, after "device NAME"; says what to do.
        rank: MINOR, BLIND or GONE.
    """

    name: str
    text: str
    rank: int


@dataclass(slots=True)
class _Standing:
    key: AlarmKey
    reasons: dict[str, Reason] = field(default_factory=dict)
    rank: int = 0
    announced: float = float("-inf")  # monotonic s

    @property
    def texts(self) -> tuple[str, ...]:
        ordered = sorted(self.reasons.values(), key=lambda reason: -reason.rank)
        return tuple(reason.text for reason in ordered)


class DeviceFaults:
    """Reports what is wrong with devices. Engine thread.

    A fault that comes back is announced again, and so is one that becomes graver: a device that
    goes silent is news also when somebody has acknowledged that its clock is wrong.
    """

    def __init__(self, sink: Callable[[Report], None], places: Places) -> None:
        """`sink` is where verdicts go (`Alarms.report`)."""
        self.places = places
        self._sink = sink
        self._standing: dict[DeviceId, _Standing] = {}

    def names(self, device: DeviceId) -> frozenset[str]:
        """The names of its present reasons."""
        standing = self._standing.get(device)
        return frozenset(standing.reasons) if standing is not None else frozenset()

    def judge(self, entry: DeviceEntry, reasons: Iterable[Reason], now: Stamp) -> None:
        """Take all that is wrong with a device now; nothing ends its fault."""
        wanted = {reason.name: reason for reason in reasons}
        standing = self._standing.get(entry.device)
        if standing is None:
            if not wanted:
                return
            key = AlarmKey(entry.place, AlarmKind.DEVICE_FAULT, str(entry.device))
            standing = self._standing[entry.device] = _Standing(key)
        self._change(standing, entry.name, wanted, now)

    def forget(self, entry: DeviceEntry, now: Stamp, why: str) -> None:
        """End its fault for a reason outside the device; also one of an earlier run."""
        own = AlarmKey(entry.place, AlarmKind.DEVICE_FAULT, str(entry.device))
        standing = self._standing.pop(entry.device, None)
        self._report(standing.key if standing is not None else own, Cause.CLEAR, (why,), now)

    def is_elsewhere(self, entry: DeviceEntry) -> bool:
        """Whether its fault stands at a place where the device is no more."""
        standing = self._standing.get(entry.device)
        return standing is not None and standing.key.place != entry.place

    def _change(
        self, standing: _Standing, name: str, wanted: dict[str, Reason], now: Stamp
    ) -> None:
        rank = max((reason.rank for reason in wanted.values()), default=0)
        before = standing.reasons
        if wanted.keys() == before.keys() and rank == standing.rank:
            return
        early = now.mono - standing.announced < _SPACING
        if not before and rank < GONE and early:
            return
        standing.reasons = {
            key: before.get(key) or Reason(key, f"device {name} {reason.text}", reason.rank)
            for key, reason in wanted.items()
        }
        if before and rank > standing.rank:
            self._report(standing.key, Cause.CLEAR, ("it became graver",), now)
        if rank > standing.rank:
            standing.announced = now.mono
        standing.rank = rank
        if wanted:
            self._report(standing.key, Cause.ACTIVE, standing.texts, now)
        else:
            self._report(standing.key, Cause.CLEAR, ("it works again",), now)

    def _report(self, key: AlarmKey, cause: Cause, reasons: tuple[str, ...], now: Stamp) -> None:
        self._sink(
            Report(
                key=key,
                cause=cause,
                priority=Priority.DIAGNOSTIC,
                reasons=reasons,
                origin=now,
                place_name=self.places.name(key.place),
                cameras=self.places.cameras(key.place),
            )
        )
