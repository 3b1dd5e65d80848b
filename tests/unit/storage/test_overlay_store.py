"""Overlays on disk: back as they were, ended once, in the audit."""

from dataclasses import replace

import pytest
from storage_parts import AT, Outcomes, action, alarm, opened, overlay_record, running

from embereye.model.alarm import OverlayKind, Scope
from embereye.model.ids import PlaceId
from embereye.storage import alarm_tables
from embereye.storage.chain import Chain, Heads, load_key
from embereye.storage.database import EVIDENCE_FILE, open_writer, read_all
from embereye.storage.journal import Journal


@pytest.fixture
def storage(tmp_path):
    return opened(tmp_path)


def saved(storage, *records):
    outcomes = Outcomes()
    with running(storage.evidence):
        for record in records:
            storage.alarms.save_overlay(record, outcomes.of(record.number))
        outcomes.wait(len(records))
    assert all(error is None for _, error in outcomes.all)


def rows(storage, sql):
    return read_all(storage.folder / EVIDENCE_FILE, sql)


def ended(record, how="unshelve"):
    return replace(record, end=how, ended_utc=AT.utc + 500.0, ended_by="ben")


def test_an_overlay_comes_back_exactly_as_it_was(storage):
    everywhere = overlay_record(2)
    everywhere = replace(
        everywhere,
        overlay=replace(
            everywhere.overlay,
            kind=OverlayKind.SUPPRESSED,
            scope=Scope(PlaceId("yard")),
            until_utc=None,
        ),
        seconds=None,
        until_mono=None,
    )
    saved(storage, overlay_record(1), everywhere)
    assert opened(storage.folder).alarms.load_overlays() == (overlay_record(1), everywhere)


def test_an_ended_overlay_is_kept_for_reports_but_not_in_force(storage):
    saved(storage, overlay_record(1), ended(overlay_record(1)))
    assert storage.alarms.load_overlays() == ()
    sql = "SELECT ended, ended_utc, ended_by FROM overlays"
    assert rows(storage, sql) == [
        {"ended": "unshelve", "ended_utc": AT.utc + 500.0, "ended_by": "ben"}
    ]


def test_begin_and_end_are_rows_of_the_audit_once_each(storage):
    one = overlay_record(1)
    saved(storage, one, one, ended(one), ended(one, "again"), one)
    told = rows(storage, "SELECT kind, subject, actor, text FROM audit ORDER BY id")
    assert [tuple(row.values()) for row in told] == [
        ("overlay", "boiler/gas/", "anna", "shelved for 3600 s: valve in repair"),
        ("overlay", "boiler/gas/", "ben", "unshelve"),
    ]
    chain = Chain(load_key(storage.folder))
    path = storage.folder / EVIDENCE_FILE
    assert chain.verify(path, "audit", Heads(storage.folder)) == []


def test_a_restated_end_replaces_the_old_one_while_it_is_in_force(storage):
    one = overlay_record(1)
    later = replace(one, overlay=replace(one.overlay, until_utc=9e9), boot="two", until_mono=7.0)
    saved(storage, one, later)
    assert storage.alarms.load_overlays() == (later,)
    saved(storage, ended(one), later)
    assert storage.alarms.load_overlays() == ()


def test_numbers_of_overlays_are_never_used_again(storage):
    saved(storage, overlay_record(5), ended(overlay_record(5)))
    store = opened(storage.folder).alarms
    assert [store.next_overlay(), store.next_overlay()] == [6, 7]


def test_the_journal_brings_overlays_in_once_and_in_order(tmp_path):
    storage = opened(tmp_path)
    one, two = overlay_record(1), overlay_record(2)
    saved(storage, one)
    writes = []
    storage.evidence.put = writes.append
    storage.alarms.save_overlay(one)
    storage.alarms.save_overlay(ended(one))
    storage.alarms.save(alarm(1), action(alarm(1)))
    storage.alarms.save_overlay(two)
    journal = Journal(tmp_path)
    for write in writes:
        journal.append(write.record())
    again = opened(tmp_path)
    assert again.alarms.load_overlays() == (two,)
    assert [a.id for a in again.alarms.load_open()] == [1]
    assert rows(again, "SELECT count(*) AS n FROM audit") == [{"n": 3}]


def test_alarms_of_an_older_database_have_no_cover_and_nobody_assigned(tmp_path):
    storage = opened(tmp_path)
    with running(storage.evidence):
        storage.alarms.save(alarm(1), action(alarm(1)))
    connection = open_writer(tmp_path / EVIDENCE_FILE, durable=True)
    for name in ("assigned_to", "escalation", "overlay", "latching"):
        connection.execute(f"ALTER TABLE alarms DROP COLUMN {name}")
    connection.execute("DROP TABLE overlays")
    connection.execute("DELETE FROM _sqlite_migrations WHERE name LIKE '0004%'")
    connection.close()
    again = opened(tmp_path)
    assert again.alarms.load_open() == (alarm(1),)
    assert again.alarms.load_overlays() == ()
    assert "CREATE TABLE overlays" in alarm_tables.LIFE_CYCLE


def test_what_covered_an_alarm_and_who_takes_care_is_in_its_row(storage):
    one = replace(
        alarm(1),
        overlay=overlay_record(1).overlay,
        assigned_to="anna",
        escalation=2,
        latching=True,
    )
    with running(storage.evidence):
        storage.alarms.save(one, action(one))
    sql = "SELECT overlay, assigned_to, escalation, latching FROM alarms"
    assert [tuple(row.values()) for row in rows(storage, sql)] == [("shelved", "anna", 2, 1)]
    (back,) = storage.alarms.load_open()
    assert replace(back, overlay=None) == replace(one, overlay=None)
    assert back.overlay.kind is OverlayKind.SHELVED


def test_a_damaged_row_keeps_nothing_else_from_coming_back(storage):
    outcomes = Outcomes()
    with running(storage.evidence):
        for number in (1, 2):
            storage.alarms.save(alarm(number), action(alarm(number)), outcomes.of(number))
        outcomes.wait(2)
    saved(storage, overlay_record(1), overlay_record(2))
    connection = open_writer(storage.folder / EVIDENCE_FILE, durable=True)
    connection.execute("UPDATE alarms SET cause = 'flipped' WHERE id = 1")
    connection.execute("UPDATE overlays SET kind = 'of a later version' WHERE id = 1")
    connection.close()
    assert [row.id for row in storage.alarms.load_open()] == [2]
    assert [record.number for record in storage.alarms.load_overlays()] == [2]
    assert storage.alarms.damaged == 2
    assert [row.id for row in storage.incidents.unlinked()] == [2]
