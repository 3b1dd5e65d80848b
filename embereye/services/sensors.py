"""The register of sensor devices: who they are, whether they live, what they said last."""

from collections.abc import Callable, Mapping
from typing import Protocol

from embereye.config.schema import Settings
from embereye.model.alarm import AlarmKey, AlarmKind, Cause, Priority, Report
from embereye.model.ids import DeviceId, PlaceId
from embereye.model.messages import (
    AssignDeviceAsked,
    CalibrationTaken,
    DeviceGone,
    DeviceSeen,
    PacketsRefused,
    RequestRefused,
    TableChanged,
)
from embereye.model.reading import DeviceState, DeviceTable, Profile, SensorReading, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.rules.supervision import fault_after, suspect_after
from embereye.runtime.engine import Engine
from embereye.services.device_entry import DeviceEntry
from embereye.services.places import Places, places_of
from embereye.storage.devices import LearnedDevice

_LOOK = 0.2  # s between two looks at all devices
_PUBLISH = 0.010  # s between two snapshots at most; the bridge passes on no more (architecture)
_SAVE = 60.0  # s between two notes of "last seen" a device; finer is nobody's question
_FORGET = 600.0  # s after which a stranger that went away is no longer offered
_MOST_STRANGERS = 200  # as many as the sensor thread lets in
_FRAME_COUNTER = "its number was a frame counter"


class DeviceMemory(Protocol):
    """What keeps learned facts; `storage.devices.DeviceStore`. Returns at once."""

    def seen(self, device: DeviceId, at: Stamp, profile: Profile, address: str) -> None:
        """Note that a device lives."""

    def save_calibration(self, device: DeviceId, words: bytes, at: Stamp) -> None:
        """Keep its calibration memory."""

    def set_calibration_aside(self, device: DeviceId, words: bytes) -> None:
        """Keep a different one until an operator decides."""

    def save_location(self, device: DeviceId, location: str) -> None:
        """Keep the `#locid` it reports."""


class Sensors:
    """Keeps the device table and supervises the devices. Engine thread; `current` any thread.

    Publishes `TableChanged("devices")` at most every 10 ms and reports device faults. Attributes:
        current: The frozen table, registered devices first, in the order of the settings.
    """

    def __init__(
        self,
        engine: Engine,
        publish: Callable[[object], None],
        report: Callable[[Report], None],
        settings: Settings,
        memory: DeviceMemory | None = None,
        learned: Mapping[DeviceId, LearnedDevice] | None = None,
        assign: Callable[[AssignDeviceAsked], None] | None = None,
    ) -> None:
        """Prepare; `report` is where verdicts go (`Alarms.report`).

        `assign` changes the settings; None when another part handles the request.
        """
        self.current = DeviceTable()
        self._engine = engine
        self._publish = publish
        self._sink = report
        self._memory = memory
        self._learned = dict(learned or {})
        self._assign = assign
        self._places: Places = places_of(settings)
        self._entries: dict[DeviceId, DeviceEntry] = {}
        self._faulty: dict[DeviceId, AlarmKey] = {}
        self._newest: Stamp | None = None
        self._dirty = False
        self._published = float("-inf")
        self._flush_planned = False
        self.apply(settings)
        self._subscribe()

    def apply(self, settings: Settings) -> None:
        """Take other settings."""
        now = self._engine.clock.now()
        self._places = places_of(settings)
        rows = {DeviceId(device.id): device for device in settings.devices}
        before = self._entries
        self._entries = {}
        for device in [*rows, *(d for d in before if d not in rows)]:
            entry = before.get(device) or self._new_entry(device, now)
            if device not in rows and entry.assigned and entry.gone:
                self._end_fault(entry, now, "the device was removed from the settings")
                continue
            entry.configure(rows.get(device), self._places.of_device(device), now)
            self._entries[device] = entry
            if self._fault_is_stale(entry):
                self._end_fault(entry, now, "the settings changed")
        self._dirty = True

    def _subscribe(self) -> None:
        engine = self._engine
        engine.on(SensorReading, self._take_reading)
        engine.on(ThermalFrame, self._take_frame)
        engine.on(DeviceSeen, self._take_seen)
        engine.on(DeviceGone, self._take_gone)
        engine.on(PacketsRefused, self._take_refused)
        engine.on(CalibrationTaken, self._take_calibration)
        if self._assign is not None:
            engine.on(AssignDeviceAsked, self._take_assignment)
        engine.every(_LOOK, self._supervise)
        engine.after_step(self._publish_soon)

    def _take_reading(self, reading: SensorReading) -> None:
        entry = self._entries.get(reading.device)
        if entry is None:
            entry = self._meet(reading.device)
        at = reading.at
        if entry.reading is None:
            entry.meter.restart()  # frames counted so far
        entry.packets += 1
        entry.reading = reading
        entry.last_seen = self._newest = at
        entry.meter.note(at.mono)
        entry.changed = self._dirty = True
        if entry.state is not DeviceState.LIVE:
            self._revive(entry, at)

    def _take_frame(self, frame: ThermalFrame) -> None:
        entry = self._entries.get(frame.device) or self._meet(frame.device)
        entry.packets += 1
        entry.thermal = frame
        entry.profile = frame.profile
        entry.last_seen = self._newest = frame.at
        entry.frame_meter.note(frame.at.mono)
        if entry.reading is None:  # else its `#Sensor` packets tell the period
            entry.meter.note(frame.at.mono)
        entry.changed = self._dirty = True
        if entry.state is not DeviceState.LIVE:
            self._revive(entry, frame.at)

    def _take_seen(self, seen: DeviceSeen) -> None:
        entry = self._entries.get(seen.device) or self._meet(seen.device)
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
            if self._memory is not None:
                self._memory.save_location(seen.device, seen.location)

    def _take_gone(self, gone: DeviceGone) -> None:
        entry = self._entries.get(gone.device)
        if entry is None:
            return
        self._dirty = True
        entry.gone = True
        if not entry.assigned and gone.reason == _FRAME_COUNTER:
            del self._entries[gone.device]
            return
        entry.link_note = f"not connected: {gone.reason}"
        entry.changed = True
        if entry.state is DeviceState.LIVE:
            entry.enter(DeviceState.SUSPECT, gone.at)

    def _take_refused(self, refused: PacketsRefused) -> None:
        entry = None if refused.device is None else self._entries.get(refused.device)
        if entry is not None:
            entry.corrupt += refused.count
            entry.changed = self._dirty = True

    def _take_calibration(self, taken: CalibrationTaken) -> None:
        if self._memory is None:
            return
        if taken.aside:
            self._memory.set_calibration_aside(taken.device, taken.words)
        else:
            self._memory.save_calibration(taken.device, taken.words, taken.at)

    def _take_assignment(self, asked: AssignDeviceAsked) -> None:
        entry = self._entries.get(asked.device)
        if self._assign is None:
            return
        if entry is None or entry.assigned:
            why = "is not known any more" if entry is None else "has a place already"
            self._publish(RequestRefused(f"The device {asked.device} {why}.", asked.actor))
            return
        self._assign(asked)

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
        known = self._learned.get(device)
        if known is not None:
            entry.profile, entry.address = known.profile, known.address
            entry.location = known.location
        return entry

    def _revive(self, entry: DeviceEntry, at: Stamp) -> None:
        if entry.state is DeviceState.DISABLED:
            return
        # Also after a start: a fault alarm of the last run may still stand.
        if entry.assigned and entry.state is not DeviceState.SUSPECT:
            self._end_fault(entry, at, "packets arrive")
        entry.enter(DeviceState.LIVE, at)

    def _supervise(self) -> None:
        now = self._engine.clock.now()
        for entry in list(self._entries.values()):
            if entry.state is DeviceState.DISABLED:
                continue
            if not entry.assigned and entry.gone and entry.silence(now) > _FORGET:
                del self._entries[entry.device]
                self._dirty = True
                continue
            self._judge(entry, now)
            self._save(entry, now)

    def _judge(self, entry: DeviceEntry, now: Stamp) -> None:
        silence, period = entry.silence(now), entry.period
        if entry.state is DeviceState.LIVE and silence >= suspect_after(period):
            entry.meter.interrupt()
            entry.frame_meter.interrupt()
            entry.enter(DeviceState.SUSPECT, now)
            self._dirty = True
        if entry.state is DeviceState.LIVE and entry.assigned:
            self._judge_kinds(entry, now)
        # One look earlier, so that the fault is there when its time is over.
        due = entry.state in (DeviceState.SUSPECT, DeviceState.UNKNOWN)
        if due and silence >= fault_after(period) - _LOOK:
            entry.enter(DeviceState.SILENT, now)
            self._dirty = True
        if entry.state is DeviceState.SILENT and entry.assigned:
            what = "sent nothing" if entry.last_seen is not None else "has not been heard"
            advice = f"{what} for {silence:.0f} s; check its power and its network"
            self._begin_fault(entry, advice, now)

    def _judge_kinds(self, entry: DeviceEntry, now: Stamp) -> None:
        missing = entry.lacks(now)
        if missing:
            entry.meter.interrupt()
            entry.frame_meter.interrupt()
            self._begin_fault(entry, f"lives, but sends no {missing} any more; check it", now)
        elif entry.uncalibrated(now):
            advice = "sends no calibration, so its heat raises no alarm; restart or replace it"
            self._begin_fault(entry, advice, now)
        elif entry.device in self._faulty:
            self._end_fault(entry, now, "all its packets arrive")

    def _save(self, entry: DeviceEntry, now: Stamp) -> None:
        if self._memory is None or entry.last_seen is None:
            return
        if now.mono - entry.saved_at >= _SAVE and entry.last_seen.mono > entry.saved_at:
            entry.saved_at = now.mono
            self._memory.seen(entry.device, entry.last_seen, entry.profile, entry.address)

    def _begin_fault(self, entry: DeviceEntry, what: str, now: Stamp) -> None:
        if entry.device in self._faulty:
            return
        key = AlarmKey(entry.place, AlarmKind.DEVICE_FAULT, str(entry.device))
        self._faulty[entry.device] = key
        self._report(key, Cause.ACTIVE, f"device {entry.name} {what}", now)

    def _end_fault(self, entry: DeviceEntry, now: Stamp, why: str) -> None:
        own = AlarmKey(entry.place, AlarmKind.DEVICE_FAULT, str(entry.device))
        key = self._faulty.pop(entry.device, own)
        self._report(key, Cause.CLEAR, why, now)

    def _fault_is_stale(self, entry: DeviceEntry) -> bool:
        key = self._faulty.get(entry.device)
        if key is None:
            return False
        begun = entry.state in (DeviceState.DISABLED, DeviceState.UNKNOWN)
        return begun or key.place != entry.place

    def _report(self, key: AlarmKey, cause: Cause, reason: str, now: Stamp) -> None:
        place: PlaceId = key.place
        self._sink(
            Report(
                key=key,
                cause=cause,
                priority=Priority.DIAGNOSTIC,
                reasons=(reason,),
                origin=now,
                place_name=self._places.name(place),
                cameras=self._places.cameras(place),
            )
        )

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
        strangers = [entry.status() for entry in entries if not entry.assigned]
        revision = self.current.revision + 1
        self.current = DeviceTable(revision, (*registered, *strangers))
        self._publish(TableChanged("devices", now, self._newest))
