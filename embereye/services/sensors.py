"""The register of sensor devices: who they are, whether they live, what they said last."""

from collections.abc import Callable, Mapping

from embereye.config.schema import Settings
from embereye.model.alarm import Report
from embereye.model.credential import KeyRing
from embereye.model.daily_test import is_test_device
from embereye.model.device_messages import DeviceAuthenticated, DeviceClock, PacketsMissed
from embereye.model.ids import DeviceId
from embereye.model.messages import (
    CalibrationTaken,
    DeviceGone,
    DeviceSeen,
    PacketsRefused,
    TableChanged,
)
from embereye.model.reading import DeviceState, DeviceTable, Profile, SensorReading, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine
from embereye.services.device_entry import DeviceEntry
from embereye.services.device_faults import DeviceFaults
from embereye.services.device_learning import DeviceLearning
from embereye.services.device_ports import DeviceHooks, DeviceMemory
from embereye.services.device_proof import quarantine_of, refused_of
from embereye.services.device_requests import DeviceRequests
from embereye.services.device_watch import LOOK, DeviceWatch
from embereye.services.places import places_of
from embereye.storage.devices import LearnedDevice

_PUBLISH = 0.010  # s between two snapshots at most; the bridge passes on no more (architecture)
_FORGET = 600.0  # s after which a stranger that went away is no longer offered
_MOST_STRANGERS = 200  # as many as the sensor thread lets in
_FRAME_COUNTER = "its number was a frame counter"


class Sensors:
    """Keeps the device table and supervises the devices. Engine thread; `current` any thread.

    Publishes `TableChanged("devices")` at most every 10 ms and reports device faults. Attributes:
        current: The frozen table, registered devices first, in the order of the settings.
        current_quarantine: Devices whose values may raise alarms but end none. Any thread.
    """

    def __init__(
        self,
        engine: Engine,
        publish: Callable[[object], None],
        report: Callable[[Report], None],
        settings: Settings,
        memory: DeviceMemory | None = None,
        learned: Mapping[DeviceId, LearnedDevice] | None = None,
        hooks: DeviceHooks | None = None,
    ) -> None:
        """Prepare; `report` is where verdicts go (`Alarms.report`)."""
        self.current = DeviceTable()
        self.current_quarantine: frozenset[DeviceId] = frozenset()
        self._engine = engine
        self._publish = publish
        self._memory = memory
        self._learning = DeviceLearning(memory, learned or {})
        self._keys = KeyRing()
        self._places = places_of(settings)
        self._faults = DeviceFaults(report, self._places)
        self._watch = DeviceWatch(self._faults, settings.sensors.firmware)
        self._entries: dict[DeviceId, DeviceEntry] = {}
        self._newest: Stamp | None = None
        self._dirty = False
        self._published = float("-inf")
        self._flush_planned = False
        self._hooks = hooks or DeviceHooks()
        self._requests = DeviceRequests(engine, publish, self._entry, memory, self._hooks)
        self.apply(settings)
        self._subscribe()

    def apply(self, settings: Settings) -> None:
        """Take other settings."""
        now = self._engine.clock.now()
        self._places = self._faults.places = places_of(settings)
        self._watch.policy = settings.sensors.firmware
        rows = {DeviceId(device.id): device for device in settings.devices}
        before = self._entries
        self._entries = {}
        for device in [*rows, *(d for d in before if d not in rows)]:
            entry = before.get(device) or self._new_entry(device, now)
            if device not in rows and entry.assigned and entry.gone:
                self._faults.forget(entry, now, "the device was removed from the settings")
                continue
            entry.configure(rows.get(device), self._places.of_device(device), now)
            entry.proof.apply(self._watch.policy)
            self._entries[device] = entry
            if self._fault_is_stale(entry):
                self._faults.forget(entry, now, "the settings changed")
        self._note_quarantine()
        self._dirty = True

    def know_keys(self, ring: KeyRing) -> None:
        """Take the keys of this moment: they say who is enrolled. Engine thread."""
        self._keys = ring
        for entry in self._entries.values():
            entry.proof.know_keys(entry.device, ring)
            entry.changed = True
        self._dirty = True

    def connected(self, device: DeviceId) -> bool:
        """Whether a connection carries this device. Engine thread."""
        entry = self._entries.get(device)
        return entry is not None and not entry.gone

    def quarantined(self, device: DeviceId) -> bool:
        """Whether values of this device may raise alarms but end none. Any thread."""
        return device in self.current_quarantine

    def _subscribe(self) -> None:
        engine = self._engine
        engine.on(SensorReading, self._take_reading)
        engine.on(ThermalFrame, self._take_frame)
        engine.on(DeviceSeen, self._take_seen)
        engine.on(DeviceGone, self._take_gone)
        engine.on(PacketsRefused, self._take_refused)
        engine.on(CalibrationTaken, self._take_calibration)
        engine.on(DeviceAuthenticated, self._take_proof)
        engine.on(DeviceClock, self._take_clock)
        engine.on(PacketsMissed, self._take_missed)
        engine.every(LOOK, self._supervise)
        engine.after_step(self._publish_soon)

    # --- what comes in -----------------------------------------------------------------------

    def _take_reading(self, reading: SensorReading) -> None:
        if reading.repeated:
            return  # of the last run: it says nothing about whether the device lives now
        entry = self._known(reading.device)
        at = reading.at
        if entry.reading is None:
            entry.meter.restart()  # frames counted so far
        entry.packets += 1
        entry.reading = reading
        entry.last_seen = self._newest = at
        entry.meter.note(at.mono)
        entry.plausibility.take_reading(reading, entry.profile)
        entry.changed = self._dirty = True
        if entry.state is not DeviceState.LIVE:
            self._revive(entry, at)

    def _take_frame(self, frame: ThermalFrame) -> None:
        if frame.repeated:
            return
        entry = self._known(frame.device)
        entry.packets += 1
        entry.thermal = frame
        entry.profile = frame.profile
        entry.last_seen = self._newest = frame.at
        entry.frame_meter.note(frame.at.mono)
        if entry.reading is None:  # else its `#Sensor` packets tell the period
            entry.meter.note(frame.at.mono)
        entry.plausibility.take_frame(frame)
        entry.changed = self._dirty = True
        if entry.state is not DeviceState.LIVE:
            self._revive(entry, frame.at)

    def _take_seen(self, seen: DeviceSeen) -> None:
        entry = self._known(seen.device)
        entry.gone = False
        entry.address = seen.address
        if seen.profile is not Profile.UNKNOWN:
            entry.profile = seen.profile
        entry.note_calibration(seen.waiting_calibration, seen.at)
        entry.note = seen.note
        entry.link_note = ""
        entry.changed = self._dirty = True
        if seen.location and seen.location != entry.location:
            entry.location = seen.location
            if (memory := self._learning.memory_of(entry)) is not None:
                memory.save_location(seen.device, seen.location)

    def _take_gone(self, gone: DeviceGone) -> None:
        entry = self._entries.get(gone.device)
        if entry is None:
            return
        self._dirty = True
        entry.gone = True
        if not entry.assigned and gone.reason == _FRAME_COUNTER:
            del self._entries[gone.device]
            return
        entry.proof.left()
        entry.link_note = f"not connected: {gone.reason}"
        entry.changed = True
        if entry.state is DeviceState.LIVE:
            self._watch.lose(entry, gone.at)

    def _take_refused(self, refused: PacketsRefused) -> None:
        entry = None if refused.device is None else self._entries.get(refused.device)
        if entry is None:
            return
        entry.note_refused(refused)
        entry.changed = self._dirty = True

    def _take_calibration(self, taken: CalibrationTaken) -> None:
        if (memory := self._learning.memory_of(self._known(taken.device))) is None:
            return
        if taken.aside:
            memory.set_calibration_aside(taken.device, taken.words)
        else:
            memory.save_calibration(taken.device, taken.words, taken.at)

    def _take_proof(self, message: DeviceAuthenticated) -> None:
        entry = self._known(message.device)
        before = entry.proof.firmware
        entry.gone = False
        entry.address, entry.link_note = message.address, ""
        entry.proof.authenticated(message)
        entry.proof.apply(self._watch.policy)
        entry.changed = self._dirty = True
        self._note_quarantine()
        if self._memory is not None and message.firmware != before:
            self._memory.save_firmware(message.device, message.firmware)

    def _take_clock(self, message: DeviceClock) -> None:
        entry = self._known(message.device)
        entry.proof.take_clock(message)
        entry.changed = self._dirty = True

    def _take_missed(self, message: PacketsMissed) -> None:
        entry = self._known(message.device)
        entry.proof.take_missed(message)
        entry.changed = self._dirty = True

    # --- the register ------------------------------------------------------------------------

    def _entry(self, device: DeviceId) -> DeviceEntry | None:
        return self._entries.get(device)

    def _known(self, device: DeviceId) -> DeviceEntry:
        return self._entries.get(device) or self._meet(device)

    def _meet(self, device: DeviceId) -> DeviceEntry:
        """A device that nobody registered: it is offered for assignment."""
        now = self._engine.clock.now()
        strangers = [entry for entry in self._entries.values() if not entry.assigned]
        if len(strangers) >= _MOST_STRANGERS:
            oldest = min(strangers, key=lambda e: e.last_seen.mono if e.last_seen else 0.0)
            del self._entries[oldest.device]
        entry = self._new_entry(device, now)
        entry.saved_at = now.mono  # names that come and go leave no rows on the disk
        self._entries[device] = entry
        return entry

    def _new_entry(self, device: DeviceId, now: Stamp) -> DeviceEntry:
        entry = DeviceEntry(device, self._places.of_device(device), now)
        self._learning.restore(entry)
        entry.proof.know_keys(device, self._keys)
        entry.proof.apply(self._watch.policy)
        return entry

    def _revive(self, entry: DeviceEntry, at: Stamp) -> None:
        if entry.state is DeviceState.DISABLED:
            return
        # After a start a fault alarm of the last run may still stand.
        first = entry.state is DeviceState.UNKNOWN and not self._faults.names(entry.device)
        if entry.assigned and first:
            self._faults.forget(entry, at, "packets arrive")
        entry.enter(DeviceState.LIVE, at)
        self._watch.judge(entry, at)

    def _note_quarantine(self) -> None:
        proofs = [(entry.device, entry.proof) for entry in self._entries.values()]
        self._hooks.leave_out(refused_of(proofs))
        now = quarantine_of(proofs)
        if now != self.current_quarantine:
            self.current_quarantine = now
            self._hooks.quarantine(now)

    def _fault_is_stale(self, entry: DeviceEntry) -> bool:
        standing = bool(self._faults.names(entry.device))
        disabled = entry.state is DeviceState.DISABLED
        return standing and (disabled or self._faults.is_elsewhere(entry))

    # --- supervision -------------------------------------------------------------------------

    def _supervise(self) -> None:
        now = self._engine.clock.now()
        for entry in list(self._entries.values()):
            if entry.state is DeviceState.DISABLED:
                self._requests.enable_when_over(entry, now)
                continue
            if not entry.assigned and entry.gone and entry.silence(now) > _FORGET:
                del self._entries[entry.device]
                self._dirty = True
                continue
            odd = self._hooks.doubts(entry.device)
            if odd != entry.odd:
                entry.odd, entry.changed = odd, True
            self._watch.look(entry, now)
            self._dirty = self._dirty or entry.changed
            self._learning.note(entry, now)

    # --- the table ---------------------------------------------------------------------------

    def _publish_soon(self) -> None:
        """Publish what changed in this step, but a flood only a hundred times a second."""
        if not self._dirty or self._flush_planned:
            return
        wait = self._published + _PUBLISH - self._engine.clock.mono()
        if wait > 0:
            self._flush_planned = True
            self._engine.call_later(wait, self._flush)
        else:
            self._flush()

    def _flush(self) -> None:
        self._flush_planned = False
        self._dirty = False
        now = self._engine.clock.now()
        self._published = now.mono
        entries = self._entries.values()
        registered = [entry.status() for entry in entries if entry.assigned]
        strangers = [
            entry.status()
            for entry in entries
            if not entry.assigned and not is_test_device(entry.device)
        ]
        revision = self.current.revision + 1
        self.current = DeviceTable(revision, (*registered, *strangers))
        self._publish(TableChanged("devices", now, self._newest))
