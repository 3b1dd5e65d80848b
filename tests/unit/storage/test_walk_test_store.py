"""The course of a walk test is found again in the audit."""

from pathlib import Path

from storage_parts import AT, running

from embereye.runtime.clock import SystemClock
from embereye.storage.opening import open_storage
from embereye.storage.walk_tests import WalkTestStore


def test_what_raised_a_test_alarm_is_read_back_in_its_order(tmp_path: Path) -> None:
    storage = open_storage(tmp_path, SystemClock(), lambda _message: None)
    store = WalkTestStore(tmp_path, storage.audit)
    writers = [worker for _, worker in storage.workers()]
    with running(*writers):  # type: ignore[arg-type]
        store.found("device d0", "anna", AT)
        store.note("walk test", "anna", "began at Boiler house for 30 min", AT.later(10.0))
        store.found("device d2", "anna", AT.later(20.0))
        store.found("device d1", "anna", AT.later(21.0))
        store.found("device d2", "anna", AT.later(22.0))
    assert store.found_since(AT.utc + 10.0) == ("device d2", "device d1")
