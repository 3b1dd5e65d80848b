"""Which arming mode is in force, who may change it, and what a restart keeps."""

import pytest
from fakes import FakeClock
from storage_parts import running

from embereye.config.schema import Settings
from embereye.model.alarm_messages import ArmAsked
from embereye.model.errors import StorageError
from embereye.model.messages import RequestRefused, TableChanged
from embereye.runtime.clock import SystemClock
from embereye.runtime.engine import Engine
from embereye.services.access import Access
from embereye.services.arming import Arming
from embereye.storage.arming import ArmingStore, ChosenMode
from embereye.storage.opening import open_storage

MODES = ("armed", "disarmed", "maintenance")


class Kept:
    """A store in memory."""

    def __init__(self):
        self.rows = []
        self.broken = False

    def note(self, mode, before, actor, at):
        self.rows.append(ChosenMode(mode, actor, at.utc))

    def last(self):
        if self.broken:
            raise StorageError("The database cannot be read.")
        return self.rows[-1] if self.rows else None


class Panel:
    def __init__(self, role="operator", store=None, modes=MODES):
        self.engine = Engine(FakeClock(), on_bug=self._fail)
        self.published, self.store = [], store or Kept()
        access = Access(lambda: Settings(role=role))
        self.arming = Arming(self.engine, access, self.store, modes, self.published.append)

    def ask(self, mode):
        self.engine.post(ArmAsked(mode, "anna"))
        self.engine.step()
        return [m.text for m in self.published if isinstance(m, RequestRefused)]

    def _fail(self, text):
        raise AssertionError(text)


def test_the_first_mode_is_in_force_until_another_is_chosen():
    panel = Panel()
    panel.arming.restore()
    assert (panel.arming.mode(), panel.arming.current.by) == ("armed", "")
    assert panel.ask("disarmed") == []
    state = panel.arming.current
    assert (state.mode, state.by, state.modes) == ("disarmed", "anna", MODES)
    assert any(isinstance(m, TableChanged) and m.table == "arming" for m in panel.published)


@pytest.mark.parametrize(
    ("role", "mode", "why"),
    [
        ("viewer", "disarmed", "needs the role operator"),
        ("operator", "party", "Choose one of: armed, disarmed, maintenance."),
        ("operator", "armed", "armed already"),
    ],
)
def test_what_cannot_be_is_refused(role, mode, why):
    panel = Panel(role)
    (text,) = panel.ask(mode)
    assert why in text
    assert panel.arming.mode() == "armed"
    assert panel.store.rows == []


def test_a_restart_keeps_the_mode():
    first = Panel()
    first.ask("maintenance")
    second = Panel(store=first.store)
    second.arming.restore()
    assert (second.arming.mode(), second.arming.current.by) == ("maintenance", "anna")


def test_a_mode_that_is_gone_gives_way_to_the_first():
    panel = Panel()
    panel.ask("maintenance")
    panel.arming.assign(("armed", "disarmed"))
    assert panel.arming.mode() == "armed"
    assert panel.store.rows[-1] == ChosenMode("armed", "system", panel.engine.clock.now().utc)
    later = Panel(store=panel.store, modes=("night",))
    later.arming.restore()
    assert later.arming.mode() == "night"


def test_more_modes_change_nothing_else():
    panel = Panel()
    panel.ask("disarmed")
    panel.arming.assign((*MODES, "night"))
    assert (panel.arming.mode(), panel.arming.current.by) == ("disarmed", "anna")


def test_an_unreadable_database_leaves_the_first_mode(caplog):
    panel = Panel()
    panel.store.broken = True
    panel.arming.restore()
    assert panel.arming.mode() == "armed"
    assert "cannot be read" in caplog.text


def test_each_change_is_a_row_of_the_audit(tmp_path):
    clock = SystemClock()
    storage = open_storage(tmp_path, clock, lambda _: None)
    store = ArmingStore(tmp_path, storage.audit)
    assert store.last() is None
    with running(storage.evidence):
        store.note("disarmed", "armed", "anna", clock.now())
        store.note("armed", "disarmed", "ben", at := clock.now())
    assert store.last() == ChosenMode("armed", "ben", at.utc)
