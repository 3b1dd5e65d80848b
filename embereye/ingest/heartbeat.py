"""The session logic of HTTP heartbeat devices; the listener around it comes with the local API.

Source: sensor protocol, section 5. Firmware of this kind erases its key after three answers 401 or
403 in a row. So these are given only when the key itself is wrong; everything that passes (keys
not loaded, disk full, too many requests) is 503 with Retry-After.
"""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from embereye.ingest.heartbeat_body import BodyRefused, Heartbeat, read_heartbeat
from embereye.model.credential import DeviceKey, KeyRing
from embereye.model.device_messages import DeviceAuthenticated, DeviceClock, DeviceLogged, Direction
from embereye.model.ids import DeviceId
from embereye.model.messages import DeviceGone, DeviceSeen, SecurityEvent
from embereye.model.reading import Profile, SensorReading
from embereye.model.security import SecurityKind
from embereye.model.stamp import Stamp

_RETRY = 30  # s, of Retry-After; devices beat about once a minute
_MOST_UNITS = 400  # with a state; four times the largest installation
_LEAST_PERIOD = 1.0  # s between two beats of one unit; a faster one is told to wait
_BURST = 5.0  # beats that may come at once after a pause, such as a proxy that was stuck
_GONE = 300.0  # s without a beat; five of them
_EVENT_PERIOD = 60.0  # s between two security events about one unit
_MOST_DRIFT = 10 * 365 * 86_400_000  # ms
_NOBODY = b"0" * 64  # compared with when there is no key, so that both take the same time


@dataclass(frozen=True, slots=True)
class UnitConfig:
    """What the operator wants of a unit."""

    armed: bool = True
    detection_enabled: bool = True


@dataclass(frozen=True, slots=True)
class HeartbeatAnswer:
    """What goes back, and what the engine is told.

    Attributes:
        status: 200, 400, 401 or 503.
        body: JSON, UTF-8, under 3.5 KB.
        retry_after: Seconds of the header Retry-After, None without it.
        messages: For the engine.
    """

    status: int
    body: bytes
    retry_after: int | None = None
    messages: tuple[object, ...] = ()


@dataclass(slots=True)
class _Unit:
    """What is remembered of one unit; `reference` is (uptime, monotonic s) early in this boot."""

    last: float
    tokens: float
    reference: tuple[float, float] | None = None
    beat: Heartbeat | None = None
    kid: str = ""
    address: str = ""


def api_key_of(key: DeviceKey) -> str:
    """What a device sends as X-API-Key: its 32 bytes as 64 hex digits, lower case."""
    return key.secret.hex()


class HeartbeatSession:
    """Answers the heartbeats of all units. Pure but for what it remembers; one thread."""

    def __init__(
        self,
        keys: Callable[[], KeyRing | None],
        trouble: Callable[[], str] = lambda: "",
        config: Callable[[DeviceId], UnitConfig] = lambda _unit: UnitConfig(),
        window: float = 10.0,
    ) -> None:
        """`keys` is None until they are loaded; `trouble` says why nothing can be stored now.

        `window`: device clocks further off are not believed, s.
        """
        self._keys = keys
        self._trouble = trouble
        self._config = config
        self._window = window
        self._units: dict[DeviceId, _Unit] = {}
        self._told: dict[DeviceId, float] = {}

    def beat(
        self, body: bytes | dict[str, Any], api_key: str, now: Stamp, address: str = ""
    ) -> HeartbeatAnswer:
        """Answer one heartbeat."""
        try:
            said = read_heartbeat(body)
        except BodyRefused as error:
            return refusal(400, str(error))
        judged = self.authenticate(said.unit, api_key, now, address)
        if isinstance(judged, HeartbeatAnswer):
            return judged
        unit = self._admit(said.unit, now)
        if unit is None:
            return refusal(503, "too many requests")
        drift = _drift(unit, said, now)
        messages = self._news(unit, said, judged, now, address)
        unit.beat, unit.kid, unit.address = said, judged.kid, address
        return HeartbeatAnswer(200, self._answer(said.unit, drift, now), None, tuple(messages))

    def authenticate(
        self, unit: DeviceId, api_key: str, now: Stamp, address: str = ""
    ) -> DeviceKey | HeartbeatAnswer:
        """The key that a device proved to have, else the answer to it; also for clips."""
        ring = self._keys()
        if ring is None:
            return refusal(503, "keys are not loaded yet")
        trouble = self._trouble()
        if trouble:
            return refusal(503, trouble)
        given = api_key.encode("utf-8", "replace")
        found: DeviceKey | None = None
        hmac.compare_digest(_NOBODY, given)
        for key in ring.of(unit):
            if hmac.compare_digest(api_key_of(key).encode(), given):
                found = key
        if found is not None and ring.valid(unit, found.kid, now.utc) is not None:
            return found
        kind = SecurityKind.FORGED if found is None else SecurityKind.REVOKED_KEY
        return refusal(401, "the key is not valid", self._event(unit, kind, now, address))

    def silent(self, now: Stamp) -> list[object]:
        """Messages about units that stopped; call about every 10 s."""
        gone = [unit for unit, state in self._units.items() if now.mono - state.last > _GONE]
        for unit in gone:
            del self._units[unit]
        return [DeviceGone(unit, now, f"no heartbeat for {_GONE:.0f} s") for unit in gone]

    def _admit(self, unit: DeviceId, now: Stamp) -> _Unit | None:
        """Count a beat of a unit that proved who it is; None when it comes too often."""
        state = self._units.get(unit)
        if state is None:
            if len(self._units) >= _MOST_UNITS:
                return None
            state = self._units[unit] = _Unit(now.mono, _BURST)
        filled = state.tokens + (now.mono - state.last) / _LEAST_PERIOD
        state.tokens = min(_BURST, filled)
        state.last = now.mono
        if state.tokens < 1.0:
            return None
        state.tokens -= 1.0
        return state

    def _news(
        self, unit: _Unit, said: Heartbeat, key: DeviceKey, now: Stamp, address: str
    ) -> list[object]:
        """What the engine is told: that it lives, and what changed."""
        messages: list[object] = []
        before = unit.beat
        if before is None or (unit.kid, unit.address) != (key.kid, address):
            messages.append(DeviceSeen(said.unit, now, address, Profile.UNKNOWN, False))
        if before is None or (unit.kid, before.firmware) != (key.kid, said.firmware):
            messages.append(DeviceAuthenticated(said.unit, now, address, key.kid, said.firmware))
        if said.device_utc is not None:
            offset = said.device_utc - now.utc
            messages.append(DeviceClock(said.unit, now, offset, abs(offset) <= self._window))
        if before is None or before.armed != said.armed:
            text = "says that it is armed" if said.armed else "says that it is not armed"
            messages.append(DeviceLogged(said.unit, now, Direction.RECEIVED, text))
        if before is not None and said.uptime < before.uptime:
            messages.append(DeviceLogged(said.unit, now, Direction.EVENT, "started again"))
        messages.append(SensorReading(said.unit, now))  # without values: it lives
        return messages

    def _answer(self, unit: DeviceId, drift: int, now: Stamp) -> bytes:
        config = self._config(unit)
        moment = datetime.fromtimestamp(now.utc, UTC).isoformat(timespec="milliseconds")
        return _json(
            {
                "server_time": moment.replace("+00:00", "Z"),
                "time_drift_ms": drift,
                "config": {
                    "armed": config.armed,
                    "detection_enabled": config.detection_enabled,
                },
            }
        )

    def _event(
        self, unit: DeviceId, kind: SecurityKind, now: Stamp, address: str
    ) -> tuple[object, ...]:
        if now.mono - self._told.get(unit, float("-inf")) < _EVENT_PERIOD:
            return ()
        if len(self._told) >= _MOST_UNITS:  # somebody tries names: the oldest makes room
            del self._told[next(iter(self._told))]
        self._told.pop(unit, None)
        self._told[unit] = now.mono
        text = f"A heartbeat in the name of device {unit} had a {kind.value}."
        return (SecurityEvent(f"device:{unit}", text, now, kind=kind, address=address),)


def refusal(status: int, why: str, messages: tuple[object, ...] = ()) -> HeartbeatAnswer:
    """An answer other than 200; 503 asks to try again later."""
    retry = _RETRY if status == 503 else None
    return HeartbeatAnswer(status, _json({"error": why}), retry, messages)


def _drift(unit: _Unit, said: Heartbeat, now: Stamp) -> int:
    """Milliseconds by which the device's clock is ahead of ours.

    With a time stamp in the body: that clock less ours. Without one, the device only tells its
    uptime: then how far that ran away from our clock since the first beat of this boot.
    """
    if unit.reference is None or (unit.beat is not None and said.uptime < unit.beat.uptime):
        unit.reference = (said.uptime, now.mono)
    if said.device_utc is not None:
        seconds = said.device_utc - now.utc
    else:
        uptime, mono = unit.reference
        seconds = (said.uptime - uptime) - (now.mono - mono)
    return max(-_MOST_DRIFT, min(_MOST_DRIFT, round(seconds * 1000)))


def _json(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode()
