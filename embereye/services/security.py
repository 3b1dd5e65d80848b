"""What an administrator must look at: security events and peers that were turned away."""

from collections.abc import Callable
from dataclasses import replace

from embereye.model.messages import PacketsRefused, SecurityEvent, TableChanged
from embereye.model.security import RefusedPeer, SecurityRow, SecurityTable
from embereye.runtime.engine import Engine

_EVENTS = 500  # rows on the screen; the audit keeps all
_PEERS = 200  # addresses; a scan of a whole network shows its newest ones
_PUBLISH = 0.5  # s between two snapshots at most: a flood of forgeries must not load the engine


class Security:
    """Counts refusals by peer and gathers events of one kind. Engine thread; `current` any thread.

    Publishes `TableChanged("security")` at most twice a second. Attributes:
        current: The frozen table, newest first.
    """

    def __init__(
        self,
        engine: Engine,
        publish: Callable[[object], None],
        keep: Callable[[SecurityEvent], None],
    ) -> None:
        """`keep` writes an event to the audit."""
        self.current = SecurityTable()
        self._clock = engine.clock
        self._publish = publish
        self._keep = keep
        self._events: dict[tuple[str, str, str, str], SecurityRow] = {}
        self._peers: dict[str, RefusedPeer] = {}
        self._dirty = False
        engine.on(SecurityEvent, self._take_event)
        engine.on(PacketsRefused, self._take_refusal)
        engine.every(_PUBLISH, self._flush)

    def _take_event(self, event: SecurityEvent) -> None:
        self._keep(event)
        key = (event.kind.value, event.subject, event.text, event.address)
        before = self._events.pop(key, None)
        count = event.count if before is None else before.count + event.count
        self._events[key] = SecurityRow(
            event.kind, event.subject, event.text, event.at, event.address, count
        )
        if len(self._events) > _EVENTS:
            self._events.pop(next(iter(self._events)))
        self._dirty = True

    def _take_refusal(self, refused: PacketsRefused) -> None:
        """`count` 0: the connection itself was refused or cut off."""
        before = self._peers.pop(refused.address, None) or RefusedPeer(
            refused.address, "", 0, 0, refused.at.utc, refused.at.utc
        )
        self._peers[refused.address] = replace(
            before,
            reason=refused.reason,
            packets=before.packets + refused.count,
            closed=before.closed + (refused.count == 0),
            last_utc=refused.at.utc,
        )
        if len(self._peers) > _PEERS:
            self._peers.pop(next(iter(self._peers)))
        self._dirty = True

    def _flush(self) -> None:
        if not self._dirty:
            return
        self._dirty = False
        self.current = SecurityTable(
            self.current.revision + 1,
            tuple(reversed(self._events.values())),
            tuple(reversed(self._peers.values())),
        )
        self._publish(TableChanged("security", self._clock.now()))
