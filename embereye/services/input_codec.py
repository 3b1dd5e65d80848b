"""What comes seldom, as text for the record and back: settings, faults, requests, beginnings.

Only what alarms depend on is written: no addresses of cameras, no telephone numbers, no comments.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from embereye.config.load import check
from embereye.config.schema import Settings
from embereye.model.alarm import (
    Alarm,
    AlarmKey,
    AlarmKind,
    Overlay,
    OverlayKind,
    Priority,
    Report,
)
from embereye.model.alarm_messages import (
    ArmAsked,
    EndWalkTestAsked,
    EscalateAsked,
    OutOfServiceAsked,
    ReturnToServiceAsked,
    ShelveAsked,
    UnshelveAsked,
    WalkTestAsked,
)
from embereye.model.device_messages import RelearnAsked
from embereye.model.errors import ConfigError, StorageError
from embereye.model.ids import DeviceId, PlaceId
from embereye.model.messages import (
    AcknowledgeAsked,
    AlarmChanged,
    DeviceGone,
    DeviceSeen,
    ResetAsked,
)
from embereye.model.reading import Profile
from embereye.model.stamp import Stamp
from embereye.rules.idle import Idle
from embereye.storage.texts import compact

START, STATE, STOP, ALIVE = "start", "state", "stop", "alive"
SETTINGS, ANNOUNCED, BLIND, DOUBTED = "settings", "announced", "blind", "doubted"

# Requests that change what is announced. Silence, comments and assignments change no alarm.
REQUESTS: tuple[type, ...] = (
    AcknowledgeAsked,
    ResetAsked,
    ShelveAsked,
    UnshelveAsked,
    OutOfServiceAsked,
    ReturnToServiceAsked,
    EscalateAsked,
    WalkTestAsked,
    EndWalkTestAsked,
    ArmAsked,
)
MESSAGES: tuple[type, ...] = (*REQUESTS, DeviceSeen, DeviceGone, RelearnAsked, Report)
_BY_NAME = {kind.__name__: kind for kind in MESSAGES}
_CAMERA = {"id", "name", "place", "enabled", "detect", "zones", "lines"}
_KEPT: dict[str, Any] = {
    "version": True,
    "revision": True,
    "operator": True,
    "role": True,
    "places": {"__all__": {"id", "name"}},
    "cameras": {"__all__": _CAMERA},
    "devices": True,
    "detection": True,
    "alarms": True,
    "rules": True,
    "suppressions": True,
    "calendar": True,
}
_ALARMS, _OVERLAYS = tuple[Alarm, ...], tuple[Overlay, ...]
_NOWHERE = "nowhere"  # the source of a recorded camera


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known when a record begins, or goes on.

    Attributes:
        mono: Of the engine's clock, s.
        mode: Arming mode in force; "" unknown.
        idle: Learned idle levels.
        seen: How connected devices encode temperatures.
        blind: Devices whose thermal frames had no temperatures.
        alarms: The open ones.
        overlays: Those in force.
    """

    mono: float
    settings: Settings
    mode: str = ""
    idle: Mapping[DeviceId, Idle] = field(default_factory=dict)
    seen: Mapping[DeviceId, Profile] = field(default_factory=dict)
    blind: frozenset[DeviceId] = frozenset()
    alarms: tuple[Alarm, ...] = ()
    overlays: tuple[Overlay, ...] = ()


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement as it was made.

    Attributes:
        at_utc: Arrival of what caused it; where nothing did (a restart), when it was shown, s.
        shown_utc: When it was shown, s.
        overlay: What kept it from calling; None: nothing.
    """

    key: AlarmKey
    at_utc: float
    shown_utc: float
    priority: Priority
    reasons: tuple[str, ...]
    place_name: str = ""
    sources: tuple[str, ...] = ()
    overlay: OverlayKind | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A message of the record; requests about one alarm name its key, since numbers may differ."""

    message: Any
    key: AlarmKey | None = None


def settings_text(settings: Settings) -> str:
    """What alarms depend on of the settings."""
    return json.dumps(_settings_tree(settings), separators=(",", ":"))


def settings_of(text: str) -> Settings:
    """Settings as recorded; cameras have no source. StorageError for what is none."""
    return _settings_of(_tree(text))


def beginning_text(beginning: Beginning) -> str:
    """The record of a beginning."""
    return json.dumps(
        {
            "mono": beginning.mono,
            "settings": _settings_tree(beginning.settings),
            "mode": beginning.mode,
            "idle": {d: [idle.smoke, idle.flame] for d, idle in beginning.idle.items()},
            "seen": {d: profile.value for d, profile in beginning.seen.items()},
            "blind": sorted(beginning.blind),
            "alarms": _adapter(_ALARMS).dump_python(beginning.alarms, mode="json"),
            "overlays": _adapter(_OVERLAYS).dump_python(beginning.overlays, mode="json"),
        },
        separators=(",", ":"),
    )


def beginning_of(text: str) -> Beginning:
    """The way back; StorageError for what is none."""
    tree = _tree(text)
    try:
        return Beginning(
            float(tree["mono"]),
            _settings_of(tree["settings"]),
            str(tree["mode"]),
            {DeviceId(d): Idle(smoke, flame) for d, (smoke, flame) in tree["idle"].items()},
            {DeviceId(d): Profile(name) for d, name in tree["seen"].items()},
            frozenset(DeviceId(d) for d in tree["blind"]),
            _adapter(_ALARMS).validate_python(tree["alarms"]),
            _adapter(_OVERLAYS).validate_python(tree["overlays"]),
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(error) from None


def announcement_of_change(changed: AlarmChanged) -> Announcement:
    """What an announced change announces."""
    alarm = changed.alarm
    return Announcement(
        key=alarm.key,
        at_utc=(changed.origin or changed.at).utc,
        shown_utc=changed.at.utc,
        priority=alarm.priority,
        reasons=alarm.reasons,
        place_name=alarm.place_name,
        sources=alarm.sources,
        overlay=alarm.overlay.kind if alarm.overlay is not None else None,
    )


def announcement_text(announcement: Announcement) -> str:
    """The record of an announcement; never fails, whatever a place or a file is called."""
    return compact(_adapter(Announcement).dump_python(announcement, mode="json"))


def announcement_of(text: str) -> Announcement:
    """The way back; StorageError for what is none."""
    found: Announcement = _valid(Announcement, text)
    return found


def blind_text(device: DeviceId, blind: bool) -> str:
    """The record of a device whose frames have no temperatures (or have them again)."""
    return json.dumps({"device": device, "blind": blind})


def blind_of(text: str) -> tuple[DeviceId, bool]:
    """The way back; StorageError for what is none."""
    tree = _tree(text)
    return DeviceId(str(tree.get("device", ""))), bool(tree.get("blind"))


def doubted_text(devices: Iterable[DeviceId]) -> str:
    """The record of the devices that begin causes and end none from now on."""
    return json.dumps({"devices": sorted(devices)})


def doubted_of(text: str) -> frozenset[DeviceId]:
    """The way back; StorageError for what is none."""
    devices = _tree(text).get("devices")
    if not isinstance(devices, list):
        raise _damaged("no devices")
    return frozenset(DeviceId(str(device)) for device in devices)


def message_text(message: Any, key: AlarmKey | None = None) -> str:
    """The record of one of `MESSAGES`; its kind is the name of its class."""
    kind: Any = type(message)
    body = _adapter(kind).dump_python(message, mode="json")
    own = None if key is None else [key.place, key.kind.value, key.source]
    return json.dumps({"body": body, "key": own}, separators=(",", ":"))


def message_of(kind: str, text: str) -> Asked | None:
    """The way back; None for a kind that this version does not know.

    Raises:
        StorageError: It is damaged.
    """
    known = _BY_NAME.get(kind)
    if known is None:
        return None
    tree = _tree(text)
    try:
        message = _adapter(known).validate_python(tree["body"])
        own = tree["key"]
        key = own and AlarmKey(PlaceId(own[0]), AlarmKind(own[1]), str(own[2]))
    except (LookupError, TypeError, ValueError) as error:
        raise _damaged(error) from None
    return Asked(message, key)


def seen_asked(device: DeviceId, profile: Profile, utc: float) -> Asked:
    """A device that was connected when a record went on."""
    return Asked(DeviceSeen(device, Stamp(utc, utc), "", profile, waiting_calibration=False))


def on_one_clock(message: Any) -> Any:
    """The same message with monotonic times equal to seconds UTC, as a replay's clock has them."""
    times = {
        name: Stamp(moment.utc, moment.utc)
        for name in ("at", "origin")
        if isinstance(moment := getattr(message, name, None), Stamp)
    }
    return replace(message, **times)


def _settings_tree(settings: Settings) -> dict[str, Any]:
    tree = settings.model_dump(mode="json", include=_KEPT, exclude={"detection": {"remote"}})
    for camera in tree["cameras"]:
        camera["source"] = _NOWHERE
    return tree


def _settings_of(tree: dict[str, Any]) -> Settings:
    try:
        return check(tree)
    except ConfigError as error:
        raise _damaged(error) from None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _valid(kind: Any, text: str) -> Any:
    try:
        return _adapter(kind).validate_json(text)
    except ValidationError as error:
        raise _damaged(error) from None


def _tree(text: str) -> Any:
    try:
        tree = json.loads(text)
    except ValueError as error:
        raise _damaged(error) from None
    if not isinstance(tree, dict):
        raise _damaged("no table")
    return tree


def _damaged(why: object) -> StorageError:
    return StorageError(f"A recorded input is damaged ({why}). Run 'embereye db check'.")
