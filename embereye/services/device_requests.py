"""What people ask of devices in the register; the settings are changed elsewhere."""

from collections.abc import Callable

from embereye.model.device_messages import AcceptAsideAsked, EnableDeviceAsked, RelearnAsked
from embereye.model.ids import DeviceId
from embereye.model.messages import AssignDeviceAsked, RequestRefused
from embereye.model.role import Operation
from embereye.model.stamp import Stamp
from embereye.runtime.engine import Engine
from embereye.services.device_entry import DeviceEntry
from embereye.services.device_ports import DeviceHooks, DeviceMemory

_SYSTEM = "system"  # the actor of what nobody asked for
_ASK_AGAIN = 60.0  # s; the settings may be locked or the disk full


class DeviceRequests:
    """Handles AssignDeviceAsked, RelearnAsked and AcceptAsideAsked. Engine thread.

    Args:
        find: The entry of a device, None when it is unknown.
    """

    def __init__(
        self,
        engine: Engine,
        publish: Callable[[object], None],
        find: Callable[[DeviceId], DeviceEntry | None],
        memory: DeviceMemory | None,
        hooks: DeviceHooks,
    ) -> None:
        self._engine = engine
        self._publish = publish
        self._find = find
        self._memory = memory
        self._hooks = hooks
        self._asked: dict[DeviceId, float] = {}
        if hooks.assign is not None:
            engine.on(AssignDeviceAsked, self._take_assignment)
        engine.on(RelearnAsked, self._relearn)
        engine.on(AcceptAsideAsked, self._accept_aside)

    def enable_when_over(self, entry: DeviceEntry, now: Stamp) -> None:
        """Ask that a disabled device is enabled again when its time is over."""
        due = self._asked.get(entry.device, float("-inf")) + _ASK_AGAIN
        if not entry.is_over(now) or now.mono < due:
            return
        self._asked[entry.device] = now.mono
        text = "the time for which it was disabled is over"
        self._hooks.record("device", str(entry.device), _SYSTEM, text, now)
        self._engine.post(EnableDeviceAsked(entry.device, True, _SYSTEM))

    def _take_assignment(self, asked: AssignDeviceAsked) -> None:
        entry = self._find(asked.device)
        if self._hooks.assign is None:
            return
        if entry is None or entry.assigned:
            why = "is not known any more" if entry is None else "has a place already"
            self._publish(RequestRefused(f"The device {asked.device} {why}.", asked.actor))
            return
        self._hooks.assign(asked)

    def _relearn(self, asked: RelearnAsked) -> None:
        entry = self._known(asked.device, asked.actor)
        if entry is None:
            return
        entry.relearn()
        if self._memory is not None:
            self._memory.save_period(asked.device, None)
        self._hooks.relearn(asked.device)
        self._record(asked.device, asked.actor, "period, idle levels and background learned anew")

    def _accept_aside(self, asked: AcceptAsideAsked) -> None:
        entry = self._known(asked.device, asked.actor)
        if entry is None:
            return
        if self._memory is not None:
            self._memory.accept_aside(asked.device)
        self._hooks.accept_aside(asked.device)
        self._record(asked.device, asked.actor, "other calibration or location accepted")

    def _known(self, device: DeviceId, actor: str) -> DeviceEntry | None:
        entry = self._find(device)
        if refusal := self._hooks.refusal(actor, Operation.EDIT_SETTINGS):
            self._publish(RequestRefused(refusal, actor))
            return None
        if entry is None:
            text = f"The device {device} is not known any more. Look at the list again."
            self._publish(RequestRefused(text, actor))
        return entry

    def _record(self, device: DeviceId, actor: str, text: str) -> None:
        self._hooks.record("device", str(device), actor, text, self._engine.clock.now())
