"""One device in the engine's register. Engine thread only."""

from embereye.config.schema import Device
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.model.messages import PacketsRefused
from embereye.model.reading import DeviceState, DeviceStatus, Profile, SensorReading, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.rules.flapping import Flapping
from embereye.rules.plausibility import Plausibility
from embereye.rules.supervision import PeriodMeter, fault_after
from embereye.services.device_proof import DeviceProof
from embereye.storage.devices import LearnedDevice

_CALIBRATION = 60.0  # s; six tries of 10 s each (sensor protocol, section 1)
# What reasons of refused packets say when the values themselves are impossible (`ingest`).
_OF_FRAMES, _OF_CALIBRATION = "thermal frame", "calibration"
_CYCLE = 4.085  # s, of a real device (sensor protocol, section 1); until the period is learned


class DeviceEntry:
    """What is known of one device now; `status()` freezes it."""

    __slots__ = (
        "_enable_at",
        "_expected_since",
        "_settings",
        "_status",
        "address",
        "calibration_refused",
        "changed",
        "corrupt",
        "device",
        "flapping",
        "frame_meter",
        "gone",
        "last_seen",
        "link_note",
        "location",
        "meter",
        "note",
        "odd",
        "packets",
        "place",
        "plausibility",
        "profile",
        "proof",
        "reading",
        "saved_at",
        "saved_period",
        "since",
        "state",
        "thermal",
        "waiting",
        "waiting_since",
    )

    def __init__(self, device: DeviceId, place: PlaceId, since: Stamp) -> None:
        self.device = device
        self.place = place
        self.since = since
        self._expected_since = since
        self.state = DeviceState.UNKNOWN
        self.profile = Profile.UNKNOWN
        self.waiting = False
        self.waiting_since = since
        self.gone = True  # no connection carries it
        self.last_seen: Stamp | None = None
        self.meter = PeriodMeter()  # of `#Sensor`, of frames while there are none
        self.frame_meter = PeriodMeter()
        self.odd: tuple[str, ...] = ()  # what others found odd about it
        self.packets = 0
        self.corrupt = 0
        self.address = ""
        self.note = ""
        self.link_note = ""
        self.location = ""
        self.thermal: ThermalFrame | None = None
        self.reading: SensorReading | None = None
        self.saved_at = float("-inf")  # monotonic s of the last note in the database
        self.saved_period: float | None = None  # s, as it is on the disk
        self.plausibility = Plausibility()
        self.flapping = Flapping()
        self.proof = DeviceProof()
        self.calibration_refused = False  # it sent one that no working sensor can have
        self.changed = True
        self._enable_at: float | None = None  # monotonic s
        self._settings: Device | None = None
        self._status: DeviceStatus | None = None

    @property
    def assigned(self) -> bool:
        """Whether somebody registered it."""
        return self._settings is not None

    @property
    def name(self) -> str:
        """What people call it."""
        return self._settings.name if self._settings is not None else str(self.device)

    @property
    def camera(self) -> CameraId | None:
        """The camera whose picture its thermal overlay belongs to."""
        if self._settings is None or not self._settings.camera:
            return None
        return CameraId(self._settings.camera)

    @property
    def period(self) -> float:
        """Seconds between packets: as set, as asked for, as learned, else that of a real device."""
        row = self._settings
        if row is not None and row.period > 0:
            return row.period
        if row is not None and row.mode == "on demand":
            return row.poll
        return self.meter.period if self.meter.period is not None else _CYCLE

    @property
    def disabled_until(self) -> float | None:
        """When it is enabled again, seconds UTC; None: it is enabled, or never."""
        row = self._settings
        return None if row is None or row.enabled else row.disabled_until or None

    def restore(self, known: LearnedDevice) -> None:
        """Take what earlier runs learned: supervision is right from the first second."""
        self.profile, self.address = known.profile, known.address
        self.location = known.location
        self.saved_period = known.period
        self.meter = PeriodMeter(known.period)
        self.proof = DeviceProof(known.firmware or None)

    def relearn(self) -> None:
        """Forget the learned period; the next packets tell it."""
        self.meter, self.frame_meter = PeriodMeter(), PeriodMeter()
        self.saved_period = None
        self.changed = True

    def configure(self, settings: Device | None, place: PlaceId, now: Stamp) -> None:
        """Take its row of the settings; None: nobody registered it."""
        before = self.disabled_until
        self._settings = settings
        self.place = place
        self.changed = True
        until = self.disabled_until
        if until is None:
            self._enable_at = None
        elif until != before:
            self._enable_at = now.mono + until - now.utc
        disabled = settings is not None and not settings.enabled
        if disabled != (self.state is DeviceState.DISABLED):
            self.enter(DeviceState.DISABLED if disabled else DeviceState.UNKNOWN, now)

    def is_over(self, now: Stamp) -> bool:
        """Whether the time for which it was disabled is over, on either clock.

        The wall clock may be set back by a day; a device must not stay off for that long.
        """
        until = self.disabled_until
        if until is None or self._enable_at is None:
            return False
        return now.utc >= until or now.mono >= self._enable_at

    def enter(self, state: DeviceState, now: Stamp) -> None:
        """Change its state."""
        self.state = state
        self.since = now
        if state is not DeviceState.SILENT:
            self._expected_since = now
        self.changed = True

    def interrupt(self) -> None:
        """It was silent: the gap that ends next says nothing about its habits."""
        self.meter.interrupt()
        self.frame_meter.interrupt()
        self.plausibility.interrupt()

    def silence(self, now: Stamp) -> float:
        """Seconds without a packet; before the first one, since it is expected to speak."""
        unheard = self.state is DeviceState.UNKNOWN or self.last_seen is None
        reference = self._expected_since if unheard or self.last_seen is None else self.last_seen
        return now.mono - reference.mono

    def note_calibration(self, waiting: bool, at: Stamp) -> None:
        """Whether its calibration memory is still missing."""
        if waiting and not self.waiting:
            self.waiting_since = at
        self.waiting = waiting
        self.calibration_refused = self.calibration_refused and waiting

    def note_refused(self, refused: PacketsRefused) -> None:
        """Packets of it could not be used."""
        self.corrupt += refused.count
        reason = refused.reason.lower()
        if _OF_FRAMES in reason:
            self.plausibility.refuse_frames(refused.count, refused.reason, refused.at.mono)
        elif _OF_CALIBRATION in reason:
            self.calibration_refused = self.waiting

    def uncalibrated(self, now: Stamp) -> bool:
        """Whether it has been asked for its calibration in vain: it cannot alarm on heat."""
        return self.waiting and now.mono - self.waiting_since.mono >= _CALIBRATION

    def lacks(self, now: Stamp) -> str:
        """The kind of packet, in words, that a live device used to send and sends no more; or "".

        A device whose thermal sensor died still sends `#Sensor`, and nobody watches the heat.
        """
        if self.thermal and self._overdue(self.frame_meter, self.thermal.at, now):
            return "thermal pictures"
        if self.reading and self._overdue(self.meter, self.reading.at, now):
            return "flame and smoke values"
        return ""

    def _overdue(self, meter: PeriodMeter, last: Stamp, now: Stamp) -> bool:
        if not meter.learned or meter.period is None:
            return False  # one packet of a kind makes no habit
        silence = now.mono - max(last.mono, self.since.mono)
        return silence >= fault_after(max(meter.period, self.period))

    def status(self) -> DeviceStatus:
        """A frozen picture of it; the same object while nothing changed."""
        if self._status is None or self.changed:
            self.changed = False
            self._status = self._frozen()
        return self._status

    def _frozen(self) -> DeviceStatus:
        notes = [note for note in (self.link_note, self.note) if note]
        proof = self.proof
        return DeviceStatus(
            id=self.device,
            name=self.name,
            place=self.place,
            camera=self.camera,
            assigned=self.assigned,
            verified=proof.verified,
            state=self.state,
            since=self.since,
            profile=self.profile,
            waiting_calibration=self.waiting,
            last_seen=self.last_seen,
            period=self.meter.period,
            packets=self.packets,
            corrupt=self.corrupt,
            address=self.address,
            thermal=self.thermal,
            reading=self.reading,
            note="; ".join(notes),
            enrolled=proof.enrolled,
            expected=self.period,
            missed=proof.missed,
            clock_offset=proof.clock_offset,
            clock_believed=proof.clock_believed,
            firmware=proof.firmware or "",
            firmware_state=proof.firmware_state,
            doubts=self._doubts(),
            disabled_until=self.disabled_until,
        )

    def _doubts(self) -> tuple[str, ...]:
        texts = (*(doubt.text for doubt in self.plausibility.doubts), *self.odd)
        return (*texts, "calibration implausible") if self.calibration_refused else texts
