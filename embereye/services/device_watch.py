"""Judges devices: live, suspect or silent, and everything that is wrong with them."""

from collections.abc import Iterator

from embereye.config.sensor_options import Firmware
from embereye.model.reading import DeviceState
from embereye.model.stamp import Stamp
from embereye.rules.plausibility import DoubtKind
from embereye.rules.supervision import fault_after, suspect_after
from embereye.services.device_entry import DeviceEntry
from embereye.services.device_faults import BLIND, GONE, MINOR, DeviceFaults, Reason

LOOK = 0.2  # s between two looks at all devices

_SILENT, _KIND, _CALIBRATION = "silent", "kind", "calibration"
_UNSTABLE, _CLOCK, _FIRMWARE = "unstable", "clock", "firmware"
_LOST = 300.0  # s of silence after which an unstable device is lost rather than unstable
_BLINDING = (DoubtKind.STUCK, DoubtKind.FROZEN, DoubtKind.FRAMES)


class DeviceWatch:
    """Looks at one device after the other. Engine thread.

    Attributes:
        policy: What is asked of the firmware.
    """

    def __init__(self, faults: DeviceFaults, policy: Firmware) -> None:
        self.policy = policy
        self._faults = faults

    def look(self, entry: DeviceEntry, now: Stamp) -> None:
        """Change its state by its silence, and judge it."""
        silence, period = entry.silence(now), entry.period
        if entry.state is DeviceState.LIVE and silence >= suspect_after(period):
            self.lose(entry, now)
        # One look earlier, so that the fault is there when its time is over.
        due = entry.state in (DeviceState.SUSPECT, DeviceState.UNKNOWN)
        if due and silence >= fault_after(period) - LOOK:
            entry.enter(DeviceState.SILENT, now)
        if entry.plausibility.pass_time(now.mono):
            entry.changed = True
        self.judge(entry, now)

    def lose(self, entry: DeviceEntry, now: Stamp) -> None:
        """Its packets stopped, or its connection closed."""
        entry.interrupt()
        entry.flapping.note(now.mono)
        entry.enter(DeviceState.SUSPECT, now)

    def judge(self, entry: DeviceEntry, now: Stamp) -> None:
        """Report what is wrong with it; nobody expects anything of a stranger."""
        if entry.assigned:
            self._faults.judge(entry, self._reasons(entry, now), now)

    def _reasons(self, entry: DeviceEntry, now: Stamp) -> Iterator[Reason]:
        unstable = entry.flapping.look(now.mono)
        if entry.state is DeviceState.SILENT:
            yield self._silence(entry, now, unstable)
        if unstable:
            text = (
                "has an unstable connection: it is lost again and again; check its cable or radio"
            )
            yield Reason(_UNSTABLE, text, MINOR)
        yield from self._missing(entry, now)
        for doubt in entry.plausibility.doubts:
            if doubt.is_fault(now.mono):
                rank = BLIND if doubt.kind in _BLINDING else MINOR
                yield Reason(doubt.kind.value, doubt.advice, rank)
        yield from self._proven(entry, now)

    def _silence(self, entry: DeviceEntry, now: Stamp, unstable: bool) -> Reason:
        what = "sent nothing" if entry.last_seen is not None else "has not been heard"
        silence = entry.silence(now)
        text = f"{what} for {silence:.0f} s; check its power and its network"
        return Reason(_SILENT, text, MINOR if unstable and silence < _LOST else GONE)

    def _missing(self, entry: DeviceEntry, now: Stamp) -> Iterator[Reason]:
        if entry.state is not DeviceState.LIVE:
            # What it does not send cannot be told now; what was wrong stays so.
            standing = self._faults.names(entry.device)
            yield from (
                Reason(name, "", BLIND) for name in (_KIND, _CALIBRATION) if name in standing
            )
            return
        missing = entry.lacks(now)
        if missing:
            entry.meter.interrupt()
            entry.frame_meter.interrupt()
            yield Reason(_KIND, f"lives, but sends no {missing} any more; check it", BLIND)
        if entry.uncalibrated(now):
            what = "an implausible" if entry.calibration_refused else "no"
            text = f"sends {what} calibration, so its heat raises no alarm; restart or replace it"
            yield Reason(_CALIBRATION, text, BLIND)

    def _proven(self, entry: DeviceEntry, now: Stamp) -> Iterator[Reason]:
        proof = entry.proof
        if proof.clock_is_wrong(now):
            text = (
                f"has a clock that is {abs(proof.clock_offset or 0.0):.0f} s off; it was told the"
                " time: restart it, or change its clock battery"
            )
            yield Reason(_CLOCK, text, MINOR)
        if proof.quarantined:
            version = f"firmware {proof.firmware}" if proof.firmware else "an unknown firmware"
            text = (
                f"runs {version}, older than {self.policy.minimum}: it can raise alarms but end"
                " none; update it"
            )
            yield Reason(_FIRMWARE, text, MINOR)
