"""Self-tests are kept, and the last one is read back as it was."""

from dataclasses import replace

import pytest
from storage_parts import action, alarm, opened, running

from embereye.model.daily_test import Chain, ChainResult, Outcome, SelfTestRun, Stage, StageResult
from embereye.model.errors import StorageError
from embereye.storage.daily_tests import DailyTestStore, last_self_test
from embereye.storage.database import EVIDENCE_FILE, open_writer

RUN = SelfTestRun(
    1_700_000_000.0,
    1_700_000_009.5,
    "anna",
    (
        ChainResult(
            Chain.SENSOR,
            (
                StageResult(Stage.RECEIVED, Outcome.OK, 0.0031),
                StageResult(Stage.PAINTED, Outcome.MISSED, None, "It did not come within 25 s."),
                StageResult(Stage.SOUNDED, Outcome.NOT_APPLICABLE, None, "No window is open."),
            ),
        ),
    ),
)


def test_the_last_one_comes_back_as_it_was(tmp_path):
    storage = opened(tmp_path)
    store = DailyTestStore(tmp_path, storage.evidence)
    assert store.last() is None
    with running(storage.evidence):
        store.save(replace(RUN, began_utc=1.0))
        store.save(RUN)
    assert store.last() == RUN == last_self_test(tmp_path)
    assert RUN.missed


def test_it_is_told_whether_an_alarm_is_on_the_disk(tmp_path):
    storage = opened(tmp_path)
    store = DailyTestStore(tmp_path, storage.evidence)
    one = alarm(1)
    storage.alarms.save(one, action(one), lambda _error: None)
    assert not store.holds(one.id), "nothing is committed yet"
    with running(storage.evidence):
        pass
    assert store.holds(one.id)


def test_a_damaged_one_is_told_in_words(tmp_path):
    storage = opened(tmp_path)
    store = DailyTestStore(tmp_path, storage.evidence)
    with running(storage.evidence):
        store.save(RUN)
    connection = open_writer(tmp_path / EVIDENCE_FILE, durable=True)
    connection.execute("UPDATE daily_tests SET chains = '[{}]'")
    connection.close()
    with pytest.raises(StorageError, match="Run another"):
        store.last()
