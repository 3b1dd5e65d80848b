"""Security events and refused peers, as the page shows them."""

from fakes import FakeClock

from embereye.model.messages import PacketsRefused, SecurityEvent, TableChanged
from embereye.model.security import SecurityKind
from embereye.runtime.engine import Engine
from embereye.services.security import Security


class _Desk:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.engine = Engine(self.clock)
        self.published: list[object] = []
        self.kept: list[SecurityEvent] = []
        self.security = Security(self.engine, self.published.append, self.kept.append)

    def event(self, text: str, kind: SecurityKind = SecurityKind.FORGED) -> None:
        at = self.clock.now()
        self.engine.post(SecurityEvent("device:d1", text, at, kind, "10.1.2.3"))
        self.settle()

    def refuse(self, address: str, count: int, reason: str = "bad") -> None:
        self.engine.post(PacketsRefused(None, address, count, reason, self.clock.now()))
        self.settle()

    def settle(self) -> None:
        self.clock.advance(0.6)
        self.engine.step()


def test_every_event_goes_to_the_audit_and_equal_ones_are_one_row() -> None:
    desk = _Desk()
    for _ in range(3):
        desk.event("wrong code")
    desk.event("another")
    events = desk.security.current.events
    assert [(row.text, row.count) for row in events] == [("another", 1), ("wrong code", 3)]
    assert len(desk.kept) == 4


def test_refusals_are_counted_by_peer() -> None:
    desk = _Desk()
    desk.refuse("10.0.0.9", 20)
    desk.refuse("10.0.0.9", 0, "connection closed: the peer sent 20 unusable packets")
    (peer,) = desk.security.current.peers
    assert (peer.packets, peer.closed) == (20, 1)
    assert "unusable" in peer.reason
    assert peer.last_utc > peer.first_utc


def test_a_scan_of_a_network_does_not_fill_the_memory() -> None:
    desk = _Desk()
    for number in range(400):
        desk.refuse(f"10.0.{number // 200}.{number % 200}", 1)
    assert len(desk.security.current.peers) == 200
    assert desk.security.current.peers[0].address == "10.0.1.199"


def test_a_flood_is_published_twice_a_second_at_most() -> None:
    desk = _Desk()
    now = desk.clock.now()
    for _ in range(1000):
        desk.engine.post(PacketsRefused(None, "10.0.0.9", 1, "bad", now))
    desk.engine.step()
    desk.settle()
    changes = [m for m in desk.published if isinstance(m, TableChanged)]
    assert len(changes) == 1
    assert desk.security.current.peers[0].packets == 1000
