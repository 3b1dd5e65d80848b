"""The daily self-test: one marked event through each chain, and what was measured on its way."""

from dataclasses import dataclass
from enum import StrEnum

from embereye.model.alarm import Alarm, OverlayKind
from embereye.model.ids import AlarmId, CameraId, PlaceId
from embereye.model.stamp import Stamp

# Ids of settings hold no colon, so nothing that people configure can have these names.
CAMERA = CameraId("self-test:camera")
CAMERA_PLACE = PlaceId(CAMERA)
DEVICE = "embereye-self-test"  # where the settings have a device of this name, a number follows
_UNASSIGNED = "unassigned:"  # how the places of such devices begin

AUDIBLE, QUIET = "Self-test", "Quiet self-test"  # reasons of the overlays; a quiet one never chimes


class Chain(StrEnum):
    """What is tested for itself."""

    SENSOR = "sensor"
    VISION = "vision"
    STORAGE = "storage"
    NOTICES = "notifications"


class Stage(StrEnum):
    """One step of a chain."""

    RECEIVED = "packet received"
    JUDGED = "picture judged"
    ALARMED = "alarm raised"
    PAINTED = "popup painted"
    SOUNDED = "sound started"
    WRITTEN = "alarm written"
    READ = "alarm read back"
    SENT = "test notice sent"


class Outcome(StrEnum):
    """What became of a stage."""

    OK = "ok"
    MISSED = "missed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class StageResult:
    """One stage.

    Attributes:
        seconds: From the event that it follows (packet or picture arrived, alarm written …);
            None where it did not come.
        text: Why it was missed or does not apply; else what must be known about it, or empty.
    """

    stage: Stage
    outcome: Outcome
    seconds: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ChainResult:
    """One chain with its stages in their order."""

    chain: Chain
    stages: tuple[StageResult, ...]

    @property
    def outcome(self) -> Outcome:
        """Missed where a stage was; not applicable where none applied."""
        found = {stage.outcome for stage in self.stages}
        if Outcome.MISSED in found:
            return Outcome.MISSED
        return Outcome.OK if Outcome.OK in found else Outcome.NOT_APPLICABLE


@dataclass(frozen=True, slots=True)
class SelfTestRun:
    """One self-test that is over.

    Attributes:
        began_utc, ended_utc: s.
        by: Who asked for it, "system" for the daily one.
        interrupted: Why it was broken off and proves nothing; empty where it was completed.
    """

    began_utc: float
    ended_utc: float
    by: str
    chains: tuple[ChainResult, ...]
    interrupted: str = ""

    @property
    def missed(self) -> bool:
        """Whether a chain is broken."""
        return any(chain.outcome is Outcome.MISSED for chain in self.chains)


@dataclass(frozen=True, slots=True)
class SelfTests:
    """What screens show.

    Attributes:
        running: Since when one runs, s UTC; None: none.
        last: The last completed one.
        broken_off: Why the newest one was broken off, after `last`; empty: it was not.
        next_utc: When the next one is due; None: it is switched off.
    """

    running: float | None = None
    last: SelfTestRun | None = None
    broken_off: str = ""
    next_utc: float | None = None


@dataclass(frozen=True, slots=True)
class DailyTestAsked:
    """Run the self-test now."""

    actor: str


@dataclass(frozen=True, slots=True)
class ShownInTest:
    """The window has shown a test alarm, or made it heard.

    Attributes:
        stage: PAINTED or SOUNDED.
        at: When the paint was over, or the sound process confirmed the sound.
        problem: Why it could not be; empty: it could.
        text: What must be known about it, or empty.
    """

    alarm: AlarmId
    stage: Stage
    at: Stamp
    problem: str = ""
    text: str = ""


def is_test_device(device: str) -> bool:
    """Whether this is the name of a device that the self-test plays."""
    more = device.removeprefix(DEVICE)
    return more != device and (not more or (more[0] == "-" and more[1:].isdecimal()))


def is_test_place(place: PlaceId) -> bool:
    """Whether only the self-test raises alarms there."""
    device = place.removeprefix(_UNASSIGNED)
    return place == CAMERA_PLACE or (device != place and is_test_device(device))


def in_self_test(alarm: Alarm) -> bool:
    """Whether the self-test raised it, and it is marked as its own."""
    covered = alarm.overlay is not None and alarm.overlay.kind is OverlayKind.TEST
    return covered and is_test_place(alarm.key.place)
