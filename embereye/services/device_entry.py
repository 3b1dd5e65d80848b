"""One device in the engine's register. Engine thread only."""

from embereye.config.schema import Device
from embereye.model.ids import CameraId, DeviceId, PlaceId
from embereye.model.reading import DeviceState, DeviceStatus, Profile, SensorReading, ThermalFrame
from embereye.model.stamp import Stamp
from embereye.rules.supervision import PeriodMeter, fault_after

_CALIBRATION = 60.0  # s; six tries of 10 s each (sensor protocol, section 1)
_CYCLE = 4.085  # s, of a real device (sensor protocol, section 1); until the period is learned


class DeviceEntry:
    """What is known of one device now; `status()` freezes it."""

    __slots__ = (
        "_settings",
        "_status",
        "address",
        "changed",
        "corrupt",
        "device",
        "frame_meter",
        "gone",
        "last_seen",
        "link_note",
        "location",
        "meter",
        "note",
        "packets",
        "place",
        "profile",
        "reading",
        "saved_at",
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
        self.state = DeviceState.UNKNOWN
        self.profile = Profile.UNKNOWN
        self.waiting = False
        self.waiting_since = since
        self.gone = True  # no connection carries it
        self.last_seen: Stamp | None = None
        self.meter = PeriodMeter()
        self.frame_meter = PeriodMeter()
        self.packets = 0
        self.corrupt = 0
        self.address = ""
        self.note = ""
        self.link_note = ""
        self.location = ""
        self.thermal: ThermalFrame | None = None
        self.reading: SensorReading | None = None
        self.saved_at = float("-inf")  # monotonic s of the last note in the database
        self.changed = True
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
        """Seconds between packets: as asked for, else as learned, else that of a real device."""
        if self._settings is not None and self._settings.mode == "on demand":
            return self._settings.poll
        return self.meter.period if self.meter.period is not None else _CYCLE

    def configure(self, settings: Device | None, place: PlaceId, now: Stamp) -> None:
        """Take its row of the settings; None: nobody registered it."""
        self._settings = settings
        self.place = place
        self.changed = True
        disabled = settings is not None and not settings.enabled
        if disabled != (self.state is DeviceState.DISABLED):
            self.enter(DeviceState.DISABLED if disabled else DeviceState.UNKNOWN, now)

    def enter(self, state: DeviceState, now: Stamp) -> None:
        """Change its state."""
        self.state = state
        self.since = now
        self.changed = True

    def silence(self, now: Stamp) -> float:
        """Seconds without a packet, counted from the start of UNKNOWN before the first one."""
        unheard = self.state is DeviceState.UNKNOWN or self.last_seen is None
        reference = self.since if unheard or self.last_seen is None else self.last_seen
        return now.mono - reference.mono

    def note_calibration(self, waiting: bool, at: Stamp) -> None:
        """Whether its calibration memory is still missing."""
        if waiting and not self.waiting:
            self.waiting_since = at
        self.waiting = waiting

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
        return DeviceStatus(
            id=self.device,
            name=self.name,
            place=self.place,
            camera=self.camera,
            assigned=self.assigned,
            verified=False,  # the legacy protocol proves nothing
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
        )
