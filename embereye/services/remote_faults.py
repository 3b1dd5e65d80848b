"""Supervision of the detector on another machine: named by cameras and unusable is a fault."""

from collections.abc import Callable

from embereye.model.messages import WorkerFailed
from embereye.model.remote import RemoteCondition, RemoteState
from embereye.runtime.engine import Engine

_NAME = "remote detector"  # "remote detection" is the thread that asks it, with crashes of its own
_LOOK = 1.0  # s between looks
_GRACE = 10.0  # s; a restart of the other program takes that long, and is no reason for an alarm


class RemoteFaults:
    """Looks at the worker's snapshot and tells what is wrong, and when it is over. Engine thread.

    A failure that lasts is told with its first text: others on the way (no connection, then no
    model) would announce it again.
    """

    def __init__(
        self,
        engine: Engine,
        state: Callable[[], RemoteState],
        tell: Callable[[WorkerFailed], None],
    ) -> None:
        self._clock = engine.clock
        self._state = state
        self._tell = tell
        self._told = False
        engine.every(_LOOK, self.look)

    def look(self) -> None:
        """One look."""
        state = self._state()
        unusable = state.condition is RemoteCondition.UNUSABLE and state.cameras > 0
        if unusable and not self._told and self._clock.mono() - state.since >= _GRACE:
            self._told = True
            text = f"{state.text} Meanwhile the other detectors look alone."
            self._tell(WorkerFailed(_NAME, text, recovered=False, at=self._clock.now()))
        elif self._told and self._works(state):
            self._told = False
            text = "The remote detector works again."
            self._tell(WorkerFailed(_NAME, text, recovered=True, at=self._clock.now()))

    @staticmethod
    def _works(state: RemoteState) -> bool:
        """Asking a detector how it is, after a change of settings, is no recovery yet."""
        if not state.cameras:
            return True
        return state.condition not in (RemoteCondition.UNUSABLE, RemoteCondition.STARTING)
