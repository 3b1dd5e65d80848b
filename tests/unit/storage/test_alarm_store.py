"""Alarms on disk: once, in order, back after a restart."""

import json
from dataclasses import replace

import pytest
from storage_parts import AT, Outcomes, action, alarm, opened, running

from embereye.model.alarm import AlarmState
from embereye.storage.chain import Chain, Heads, load_key
from embereye.storage.database import EVIDENCE_FILE, read_all
from embereye.storage.journal import Journal


@pytest.fixture
def storage(tmp_path):
    return opened(tmp_path)


def saved(storage, *alarms, event="cause"):
    outcomes = Outcomes()
    with running(storage.evidence):
        for one in alarms:
            storage.alarms.save(one, action(one, event), outcomes.of(one.id))
        outcomes.wait(len(alarms))
    assert all(error is None for _, error in outcomes.all)


def rows(storage, sql):
    return read_all(storage.folder / EVIDENCE_FILE, sql)


def test_an_open_alarm_comes_back_exactly_as_it_was(storage):
    one = alarm(1)
    saved(storage, one)
    assert opened(storage.folder).alarms.load_open() == (one,)


def test_a_closed_alarm_stays_on_disk_but_is_not_open(storage):
    one = alarm(1)
    saved(storage, one, replace(one, state=AlarmState.NORMAL, revision=2))
    assert storage.alarms.load_open() == ()
    assert rows(storage, "SELECT id, state FROM alarms") == [{"id": 1, "state": "normal"}]


def test_alarm_action_and_outbox_go_in_together(storage):
    saved(storage, alarm(1))
    (sent,) = rows(storage, "SELECT alarm, revision, payload, done_utc FROM outbox")
    assert (sent["alarm"], sent["revision"], sent["done_utc"]) == (1, 1, None)
    assert json.loads(sent["payload"])["alarm"]["place_name"] == "Boiler room"
    (done,) = rows(storage, "SELECT alarm, event, actor, before, after FROM alarm_actions")
    assert done == {
        "alarm": 1,
        "event": "cause",
        "actor": "system",
        "before": "normal",
        "after": "unacknowledged",
    }


def test_the_same_change_twice_is_stored_once(storage):
    saved(storage, alarm(1), alarm(1))
    for table in ("alarms", "alarm_actions", "outbox"):
        assert rows(storage, f"SELECT count(*) AS n FROM {table}") == [{"n": 1}]


def test_an_older_revision_does_not_overwrite_a_newer_one(storage):
    late = alarm(1, revision=2, state=AlarmState.ACKNOWLEDGED)
    saved(storage, late, alarm(1))
    assert storage.alarms.load_open() == (late,)


def test_numbers_are_never_used_again(storage):
    saved(storage, alarm(5), alarm(7))
    store = opened(storage.folder).alarms
    assert [store.next_id(), store.next_id()] == [8, 9]


def test_a_number_stays_used_after_its_row_is_gone(storage):
    saved(storage, alarm(7))
    connection = storage.evidence._open()
    for table in ("outbox", "alarm_actions", "alarms"):
        connection.execute(f"DELETE FROM {table}")
    storage.evidence._close()
    assert opened(storage.folder).alarms.next_id() == 8


def test_texts_that_no_database_takes_do_not_lose_an_alarm(storage):
    saved(storage, replace(alarm(1), place_name="bad \udcff name", reasons=("\ud800",)))
    assert storage.alarms.load_open()[0].place_name == "bad ? name"


def test_the_journal_of_an_earlier_run_is_brought_in_once(tmp_path):
    storage = opened(tmp_path)
    one, two = alarm(1), alarm(2)
    saved(storage, one)
    writes = []
    storage.evidence.put = writes.append
    for each in (one, replace(one, revision=2, acknowledged_by="Ann"), two):
        storage.alarms.save(each, action(each))
    journal = Journal(tmp_path)
    for write in writes:
        journal.append(write.record())
    again = opened(tmp_path)
    assert [(a.id, a.revision) for a in again.alarms.load_open()] == [(1, 2), (2, 1)]
    assert journal.replay() == []
    assert rows(again, "SELECT count(*) AS n FROM alarm_actions") == [{"n": 3}]


def test_a_record_of_the_journal_that_makes_no_sense_does_not_hide_the_others(tmp_path, caplog):
    storage = opened(tmp_path)
    writes = []
    storage.evidence.put = writes.append
    storage.alarms.save(alarm(1), action(alarm(1)))
    journal = Journal(tmp_path)
    journal.append({"alarm": {"id": "x"}})
    journal.append(writes[0].record())
    assert [a.id for a in opened(tmp_path).alarms.load_open()] == [1]
    assert "cannot be used" in caplog.text


def test_actions_and_audit_are_chained(storage):
    with running(storage.evidence):
        for number in range(20):
            storage.alarms.save(alarm(number), action(alarm(number)))
            storage.audit.record("settings", f"camera {number}", "Ann", "moved", AT)
    chain, heads = Chain(load_key(storage.folder)), Heads(storage.folder)
    for table in ("alarm_actions", "audit"):
        assert chain.verify(storage.folder / EVIDENCE_FILE, table, heads) == []
        assert heads.of(table)[0] == 20
