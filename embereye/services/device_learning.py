"""What is learned of devices and kept over restarts."""

from collections.abc import Mapping

from embereye.model.ids import DeviceId
from embereye.model.stamp import Stamp
from embereye.services.device_entry import DeviceEntry
from embereye.services.device_ports import DeviceMemory
from embereye.storage.devices import LearnedDevice

_SAVE = 60.0  # s between two notes of "last seen" a device; finer is nobody's question
_SAVE_CHANGE = 0.1  # relative change of a learned period that is worth a note
_MOST_KEPT = 2_000  # devices of which something is learned for ever, registered ones apart: 4 MB


class DeviceLearning:
    """Remembers devices; strangers invent names, so not all of them. Engine thread."""

    def __init__(
        self, memory: DeviceMemory | None, learned: Mapping[DeviceId, LearnedDevice]
    ) -> None:
        """`memory`: None keeps nothing; `learned`: by earlier runs."""
        self._memory = memory
        self._learned = dict(learned)
        self._kept = set(self._learned)

    def restore(self, entry: DeviceEntry) -> None:
        """Tell an entry what earlier runs learned of its device."""
        known = self._learned.get(entry.device)
        if known is not None:
            entry.restore(known)

    def memory_of(self, entry: DeviceEntry) -> DeviceMemory | None:
        """Where to keep what is learned of it; None where nothing is kept."""
        if not (entry.assigned or entry.proof.enrolled or entry.device in self._kept):
            if len(self._kept) >= _MOST_KEPT:
                return None
            self._kept.add(entry.device)
        return self._memory

    def note(self, entry: DeviceEntry, now: Stamp) -> None:
        """Keep when it was seen, once a minute, and a period that is another one."""
        if entry.last_seen is None:
            return
        if now.mono - entry.saved_at >= _SAVE and entry.last_seen.mono > entry.saved_at:
            entry.saved_at = now.mono
            if (memory := self.memory_of(entry)) is not None:
                memory.seen(entry.device, entry.last_seen, entry.profile, entry.address)
                _note_period(entry, memory)


def _note_period(entry: DeviceEntry, memory: DeviceMemory) -> None:
    period, saved = entry.meter.period, entry.saved_period
    if period is None or not entry.meter.learned:
        return
    if saved is None or abs(period - saved) > _SAVE_CHANGE * saved:
        entry.saved_period = period
        memory.save_period(entry.device, period)
