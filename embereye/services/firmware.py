"""The staged roll-out of firmware to authenticated devices."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from embereye.model.alarm import FAULTS, AlarmTable
from embereye.model.firmware import (
    DeviceUpdate,
    FirmwareSaid,
    HaltRolloutAsked,
    ImageRead,
    Rollout,
    UpdateState,
)
from embereye.model.ids import DeviceId
from embereye.model.messages import SecurityEvent, TableChanged
from embereye.model.reading import DeviceState, DeviceStatus, DeviceTable
from embereye.model.security import SecurityKind
from embereye.model.stamp import Stamp
from embereye.rules.firmware_policy import version_of
from embereye.rules.rollout import failure, next_devices, stage_of
from embereye.runtime.engine import Engine
from embereye.services.firmware_transfer import Outcome, Transfer

_log = logging.getLogger(__name__)

_LOOK = 1.0  # s between two looks at the roll-out
_RETURN = 300.0  # s for a device to come back after this program was restarted, as in a transfer
_GATHER = 30.0  # s after a start until the devices and their keys are surely known
_ASKED = "asked"
_HALTED = "halted"
_FINISHED = "finished"
_NOBODY = DeviceId("")  # stands for the roll-out itself in the store


class UpdateMemory(Protocol):
    """Keeps the roll-out; `storage.firmware_updates.FirmwareStore`. Returns at once."""

    def save(self, device: DeviceId, version: str, state: str, at: Stamp, detail: str) -> None: ...

    def forget(self, device: DeviceId, version: str) -> None: ...


class FirmwareRollout:
    """Updates devices in stages and halts at the first failure. Engine thread; `current` any.

    A device is begun only while it is live and its place has no open alarm, and gets no further
    piece while there is one: an update takes its values away for some seconds. Publishes
    `TableChanged("firmware")`.

    Attributes:
        current: The frozen state.
        watch: s for which an updated device must live before it counts as done.
    """

    def __init__(
        self,
        engine: Engine,
        publish: Callable[[object], None],
        command: Callable[[DeviceId, str], object],
        devices: Callable[[], DeviceTable],
        alarms: Callable[[], AlarmTable],
        memory: UpdateMemory,
        watch: float = 60.0,
    ) -> None:
        """`command` sends one body to a device; it is sent again when no answer comes."""
        self.current = Rollout()
        self.watch = watch
        self._engine = engine
        self._publish = publish
        self._command = command
        self._devices = devices
        self._alarms = alarms
        self._memory = memory
        self._image = b""
        self._complete_from = 0.0  # monotonic s from which it may be finished
        self._updates: dict[DeviceId, DeviceUpdate] = {}
        self._transfers: dict[DeviceId, Transfer] = {}
        self._held: dict[DeviceId, str] = {}  # what devices said while their place had an alarm
        self._awaited: dict[DeviceId, float] = {}  # under way when this program stopped: since when
        engine.on(ImageRead, self._begin)
        engine.on(HaltRolloutAsked, self._halt_asked)
        engine.on(FirmwareSaid, self._heard)
        engine.every(_LOOK, self._look)

    def restore(self, stored: Sequence[tuple[DeviceId, str, str, str]]) -> None:
        """Take up the roll-out of the last run; before the engine runs.

        Args:
            stored: (device, version, state, detail), oldest change first.
        """
        asked = [row for row in stored if row[0] == _NOBODY]
        if not asked:
            return
        _, version, state, detail = asked[-1]
        now = self._engine.clock.now()
        for device, of, was, why in stored:
            if of != version or device == _NOBODY:
                continue
            update = DeviceUpdate(device, UpdateState(was), now, why)
            if update.state in (UpdateState.RUNNING, UpdateState.WATCHED):
                text = "this program was restarted meanwhile"
                update = DeviceUpdate(device, UpdateState.RUNNING, now, text)
                self._awaited[device] = now.mono
            self._updates[device] = update
        self.current = Rollout(
            version,
            tuple(self._updates.values()),
            halted=detail if state == _HALTED else "",
            finished=state == _FINISHED,
        )

    def _begin(self, read: ImageRead) -> None:
        self._image = read.image
        now = self._engine.clock.now()
        if not read.actor:  # the roll-out of the last run goes on
            self._complete_from = now.mono + _GATHER
            return
        if read.version != self.current.version:
            self._updates.clear()
        # Going on after a halt tries the failed ones again, as the person who asks has decided.
        for device, update in list(self._updates.items()):
            if update.state is UpdateState.FAILED:
                del self._updates[device]
                self._memory.forget(device, read.version)
        for under_way in (self._transfers, self._held, self._awaited):
            under_way.clear()
        self._memory.save(_NOBODY, read.version, _ASKED, now, "")
        self._publish_event(f"{read.actor} began to roll out firmware {read.version}.", now)
        self._replace(Rollout(read.version))

    def _halt_asked(self, asked: HaltRolloutAsked) -> None:
        if self.current.version and not self.current.finished:
            self._halt(f"halted by {asked.actor}")

    def _halt(self, why: str) -> None:
        if self.current.halted:
            return
        now = self._engine.clock.now()
        self._memory.save(_NOBODY, self.current.version, _HALTED, now, why)
        self._publish_event(f"The roll-out of {self.current.version} was halted: {why}.", now)
        self._replace(replace(self.current, halted=why))

    def _heard(self, said: FirmwareSaid) -> None:
        transfer = self._transfers.get(said.device)
        if transfer is None:
            return
        asks = said.text.startswith("NEXT:")
        if asks and any(s.id == said.device and self._burns(s) for s in self._devices().devices):
            self._held[said.device] = said.text
        else:
            self._act(said.device, transfer.heard(said.text, said.at.mono))

    def _look(self) -> None:
        if not self.current.version:
            return
        now = self._engine.clock.now()
        devices = {status.id: status for status in self._devices().devices}
        for device, transfer in list(self._transfers.items()):
            self._watch_return(devices.get(device), transfer)
            if device in self._transfers:
                self._go_on(device, devices.get(device), transfer, now)
        self._watch_awaited(devices, now)
        self._watch_health(devices, now)
        why = failure(list(self._updates.values()))
        if why:
            self._halt(why)
        elif self._image and not self.current.halted and not self.current.finished:
            self._start_more(devices, now)
            if now.mono >= self._complete_from and self._done(devices):
                self._finish(now)
        self._replace(self.current)

    def _done(self, devices: Mapping[DeviceId, DeviceStatus]) -> bool:
        updates = self._updates.values()
        open_ = any(update.state is not UpdateState.DONE for update in updates)
        return not open_ and self._total(devices) == len(updates)

    def _finish(self, now: Stamp) -> None:
        self._image = b""
        self._memory.save(_NOBODY, self.current.version, _FINISHED, now, "")
        self._publish_event(f"The roll-out of {self.current.version} is finished.", now)
        self._replace(replace(self.current, finished=True))

    def _go_on(
        self, device: DeviceId, status: DeviceStatus | None, transfer: Transfer, now: Stamp
    ) -> None:
        if device not in self._held:
            self._act(device, transfer.tick(now.mono))
        elif status is None or not self._burns(status):
            self._act(device, transfer.heard(self._held.pop(device), now.mono))

    def _watch_return(self, status: DeviceStatus | None, transfer: Transfer) -> None:
        same = status is not None and _is(status, self.current.version)
        if status is not None and same and status.state is DeviceState.LIVE and status.verified:
            del self._transfers[status.id]
            self._held.pop(status.id, None)
            self._enter(status.id, UpdateState.WATCHED, "it runs the new version")

    def _watch_awaited(self, devices: Mapping[DeviceId, DeviceStatus], now: Stamp) -> None:
        """Devices that were under way when the last run ended: updated, to be offered, or lost."""
        for device, since in list(self._awaited.items()):
            status = devices.get(device)
            if status is not None and status.verified and status.state is DeviceState.LIVE:
                del self._awaited[device]
                if _is(status, self.current.version):
                    self._enter(device, UpdateState.WATCHED, "it runs the new version")
                else:
                    del self._updates[device]  # a transfer does not survive: it is offered again
            elif now.mono - since > _RETURN:
                del self._awaited[device]
                why = "it did not come back after this program was restarted"
                self._enter(device, UpdateState.FAILED, why)

    def _watch_health(self, devices: Mapping[DeviceId, DeviceStatus], now: Stamp) -> None:
        for update in list(self._updates.values()):
            if update.state is not UpdateState.WATCHED:
                continue
            status = devices.get(update.device)
            if status is None or status.state is DeviceState.SILENT:
                self._enter(update.device, UpdateState.FAILED, "it fell silent after its update")
            elif status.firmware and not _is(status, self.current.version):
                why = f"it went back to version {status.firmware}"
                self._enter(update.device, UpdateState.FAILED, why)
            elif now.mono - update.changed.mono >= self.watch and status.state is DeviceState.LIVE:
                self._enter(update.device, UpdateState.DONE, "")

    def _start_more(self, devices: Mapping[DeviceId, DeviceStatus], now: Stamp) -> None:
        """Begin what the stage allows. Devices that already run the version count as done."""
        updates = list(self._updates.values())
        for device in next_devices(updates, self._candidates(devices), self._total(devices)):
            transfer = self._transfers[device] = Transfer(
                self.current.version, self._image, now.mono
            )
            self._enter(device, UpdateState.RUNNING, "")
            self._act(device, transfer.begin(now.mono))

    def _candidates(self, devices: Mapping[DeviceId, DeviceStatus]) -> list[DeviceId]:
        return [
            status.id
            for status in devices.values()
            if self._takes(status)
            and status.verified
            and status.state is DeviceState.LIVE
            and not self._burns(status)
        ]

    def _burns(self, status: DeviceStatus) -> bool:
        """Whether its place has an open alarm that is no fault."""
        alarms = self._alarms().alarms
        return any(a.key.place == status.place and a.key.kind not in FAULTS for a in alarms)

    def _total(self, devices: Mapping[DeviceId, DeviceStatus]) -> int:
        others = [s for s in devices.values() if s.id not in self._updates and self._takes(s)]
        return len(self._updates) + len(others)

    def _takes(self, status: DeviceStatus) -> bool:
        """Whether it tells a version older than the new one; rolling back is never done."""
        wanted, has = version_of(self.current.version), version_of(status.firmware)
        return status.enrolled and wanted is not None and has is not None and has < wanted

    def _act(self, device: DeviceId, outcome: Outcome) -> None:
        if outcome.command:
            self._command(device, outcome.command)
        if outcome.failure:
            self._transfers.pop(device, None)
            self._held.pop(device, None)
            self._enter(device, UpdateState.FAILED, outcome.failure)

    def _enter(self, device: DeviceId, state: UpdateState, detail: str) -> None:
        now = self._engine.clock.now()
        self._updates[device] = DeviceUpdate(device, state, now, detail)
        self._memory.save(device, self.current.version, state.value, now, detail)
        _log.info("firmware of %s: %s %s", device, state.value, detail)

    def _publish_event(self, text: str, now: Stamp) -> None:
        self._engine.post(SecurityEvent("firmware", text, now, SecurityKind.FIRMWARE))

    def _replace(self, present: Rollout) -> None:
        devices = {status.id: status for status in self._devices().devices}
        updates = tuple(self._updates.values())
        remaining = self._total(devices) - len(updates) if present.version else 0
        stage = stage_of(updates, len(updates) + remaining)
        fresh = replace(present, updates=updates, stage=stage, remaining=remaining)
        if fresh != self.current:
            self.current = fresh
            self._publish(TableChanged("firmware", self._engine.clock.now()))


def _is(status: DeviceStatus, version: str) -> bool:
    return version_of(status.firmware) == version_of(version)
