"""Incidents on disk: they come back as they were, and alarms stay where they are."""

from dataclasses import replace

from incident_parts import incident, member, spell, tally
from storage_parts import AT, action, alarm, opened, running

from embereye.model.alarm import AlarmState, Priority
from embereye.model.incident import (
    IncidentState,
    Level,
    NoteVersion,
    Summary,
    SummaryState,
)
from embereye.storage.database import EVIDENCE_FILE, open_writer
from embereye.storage.queries import Slice, incidents

NOTE = NoteVersion(1, "Sprinkler on.\nDoor open.", "anna", AT.utc, 0)
SUMMARY = Summary(
    SummaryState.READY, "Smoke, then flame.", "Two sources.", 77, None, AT.utc, "", "x"
)


def kept(folder, *found, joined=True):
    storage = opened(folder)
    with running(storage.evidence, storage.telemetry):
        for one in found:
            for of in one.members:
                storage.alarms.save(alarm(of.alarm), action(alarm(of.alarm)))
            storage.incidents.save(one, one.members if joined else ())
    return opened(folder)


def test_an_incident_comes_back_as_it_was(tmp_path):
    before = incident(
        1, 1, 2, detections=(tally(),), spells=(spell(),), summary=SUMMARY, notes=(NOTE,),
        assigned_to="ben",
    )  # fmt: skip
    assert kept(tmp_path, before).incidents.load(10) == (before,)


def test_a_damaged_incident_keeps_no_other_from_coming_back(tmp_path):
    storage = kept(tmp_path, incident(1, 1), incident(2, 2))
    connection = open_writer(storage.folder / EVIDENCE_FILE, durable=True)
    connection.execute("UPDATE incidents SET detections = '[[1' WHERE id = 1")
    connection.close()
    assert [one.id for one in storage.incidents.load(10)] == [2]


def test_all_versions_of_a_note_come_back(tmp_path):
    second = replace(NOTE, number=2, text="Out.", author="ben", base=1, conflict=True)
    first = incident(1, 1, notes=(NOTE,))
    storage = kept(tmp_path, first, replace(first, notes=(NOTE, second), revision=2))
    assert storage.incidents.load(10)[0].notes == (NOTE, second)


def test_an_alarm_never_leaves_its_incident(tmp_path):
    storage = kept(tmp_path, incident(1, 1), incident(2, 1, 2))
    assert [[m.alarm for m in one.members] for one in storage.incidents.load(10)] == [[1], [2]]


def test_the_highest_priority_of_an_alarm_is_kept(tmp_path):
    one = incident(1, 1)
    low = (member(1, priority=Priority.LOW),)
    storage = kept(tmp_path, one, replace(one, members=low, revision=2))
    assert storage.incidents.load(10)[0].members[0].priority is Priority.EMERGENCY


def test_an_older_version_overwrites_no_newer_one(tmp_path):
    newer = incident(1, 1, revision=5, assigned_to="ben")
    storage = kept(tmp_path, newer, replace(newer, revision=4, assigned_to=""))
    assert storage.incidents.load(10)[0].assigned_to == "ben"


def test_of_closed_ones_only_the_newest_come_back(tmp_path):
    closed = [incident(n, n, state=IncidentState.CLOSED, closed_by="system") for n in (1, 2, 3)]
    storage = kept(tmp_path, *closed, incident(4, 4))
    assert [one.id for one in storage.incidents.load(1)] == [3, 4]


def test_numbers_go_on_after_a_restart(tmp_path):
    storage = kept(tmp_path, incident(7, 1))
    assert storage.incidents.next_id() == 8
    assert storage.incidents.next_id() == 9


def test_alarms_without_an_incident_are_found(tmp_path):
    storage = kept(tmp_path, incident(1, 1), incident(2, 2, 3), joined=False)
    assert [a.id for a in storage.incidents.unlinked()] == [1, 2, 3]
    assert kept(tmp_path, incident(1, 1)).incidents.unlinked()[0].id == 2


def test_the_list_tells_whether_an_alarm_is_open(tmp_path):
    storage = opened(tmp_path)
    over = alarm(1, state=AlarmState.NORMAL)
    with running(storage.evidence, storage.telemetry):
        storage.alarms.save(over, action(over))
        storage.incidents.save(incident(1, 1, assigned_to="ben"), incident(1, 1).members)
    (row,) = incidents(tmp_path, Slice())
    assert (row["open"], row["alarms"], row["kinds"], row["level"]) == (
        False, [1], ["fire"], Level.CRITICAL,
    )  # fmt: skip


def test_names_that_no_database_takes_lose_nothing(tmp_path):
    odd = incident(1, 1, place_name="Ofen \ud800", detections=(tally(label="fi\udfffre"),))
    (back,) = kept(tmp_path, odd).incidents.load(10)
    assert back.place_name == "Ofen ?"


def test_adopted_ones_are_kept_with_their_alarms(tmp_path):
    storage = opened(tmp_path)
    many = [incident(n, n, state=IncidentState.CLOSED) for n in range(1, 451)]
    with running(storage.evidence, storage.telemetry):
        for one in many:
            storage.alarms.save(alarm(one.id), action(alarm(one.id)))
        storage.incidents.adopt(many)
    again = opened(tmp_path)
    assert len(again.incidents.load(1000)) == 450
    assert again.incidents.unlinked() == ()
