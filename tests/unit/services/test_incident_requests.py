"""What people may do with incidents; nothing that somebody wrote is lost."""

import pytest
from incident_rig import FakeAsker, Watch

from embereye.model.ids import IncidentId
from embereye.model.incident import IncidentState, SummaryState
from embereye.model.incident_messages import (
    AssignIncidentAsked,
    EditNoteAsked,
    IncidentStateAsked,
    SummaryAsked,
)
from embereye.services.incident_requests import LONGEST_NOTE

FIRST = IncidentId(1)


@pytest.fixture
def watch() -> Watch:
    begun = Watch()
    begun.alarm(1)
    return begun


def note(watch, text, base, actor="anna"):
    watch.ask(EditNoteAsked(FIRST, text, base, actor))


def test_a_state_is_taken_and_audited(watch):
    watch.ask(IncidentStateAsked(FIRST, IncidentState.IN_PROGRESS, "anna"))
    assert watch.only.state is IncidentState.IN_PROGRESS
    assert watch.audit == [("incident", "1", "anna", "open → in progress")]
    assert watch.store.rows[1].state is IncidentState.IN_PROGRESS


def test_an_incident_with_an_open_alarm_is_not_closed(watch):
    watch.ask(IncidentStateAsked(FIRST, IncidentState.CLOSED, "anna"))
    assert watch.only.state is IncidentState.OPEN
    assert "alarms are open: 1" in watch.refusals[0]


def test_the_same_state_twice_is_refused(watch):
    watch.ask(IncidentStateAsked(FIRST, IncidentState.OPEN, "anna"))
    assert watch.refusals == ["This incident is open already."]


@pytest.mark.parametrize(
    "asked",
    [
        IncidentStateAsked(FIRST, IncidentState.IN_PROGRESS, "vera"),
        AssignIncidentAsked(FIRST, "ben", "vera"),
        EditNoteAsked(FIRST, "x", 0, "vera"),
        SummaryAsked(FIRST, "vera"),
    ],
)
def test_a_viewer_changes_nothing(watch, asked):
    before = watch.only
    watch.with_role("viewer").ask(asked)
    assert watch.only == before
    assert watch.audit == []
    assert "role" in watch.refusals[0]


def test_what_is_gone_is_told(watch):
    watch.ask(AssignIncidentAsked(IncidentId(99), "ben", "anna"))
    assert "no such incident" in watch.refusals[0]


def test_a_name_with_control_characters_is_cleaned(watch):
    watch.ask(AssignIncidentAsked(FIRST, " Ben\x00\u202e\nB. ", "anna"))
    assert watch.only.assigned_to == "Ben B."


def test_a_name_without_end_is_refused(watch):
    watch.ask(AssignIncidentAsked(FIRST, "b" * 121, "anna"))
    assert watch.only.assigned_to == ""
    assert len(watch.refusals) == 1


def test_each_change_of_a_note_is_a_version(watch):
    note(watch, "Door open.", 0)
    note(watch, "Door open.\nSprinkler on.", 1, "ben")
    assert [(v.number, v.author, v.base) for v in watch.only.notes] == [
        (1, "anna", 0),
        (2, "ben", 1),
    ]
    assert watch.only.note.text == "Door open.\nSprinkler on."
    assert watch.only.notes[0].text == "Door open."


def test_two_people_who_change_different_lines_are_merged(watch):
    note(watch, "one\ntwo\nthree", 0)
    note(watch, "ONE\ntwo\nthree", 1, "ben")
    note(watch, "one\ntwo\nTHREE", 1, "anna")
    assert (watch.only.note.text, watch.only.note.conflict) == ("ONE\ntwo\nTHREE", False)


def test_two_people_who_change_the_same_line_keep_both(watch):
    note(watch, "one", 0)
    note(watch, "ben's", 1, "ben")
    note(watch, "anna's", 1, "anna")
    present = watch.only.note
    assert present.conflict
    assert {"ben's", "anna's"} <= set(present.text.split("\n"))
    assert "<<< ben" in present.text
    assert "two versions" in watch.audit[-1][3]


@pytest.mark.parametrize("base", [-1, 7, 10**9])
def test_a_base_that_never_was_loses_nothing(watch, base):
    note(watch, "ben's", 0, "ben")
    note(watch, "anna's", base)
    assert {"ben's", "anna's"} <= set(watch.only.note.text.split("\n"))


def test_saving_without_a_change_makes_no_version(watch):
    note(watch, "x", 0)
    note(watch, "x", 1, "ben")
    assert len(watch.only.notes) == 1


def test_a_note_without_end_is_refused(watch):
    note(watch, "x" * (LONGEST_NOTE + 1), 0)
    assert watch.only.note is None
    assert "20,000" in watch.refusals[0]


def test_right_to_left_words_stay_and_reordering_goes(watch):
    note(watch, "דלת פתוחה\u202e\x07", 0)
    assert watch.only.note.text == "דלת פתוחה"


def test_notes_state_and_assignment_survive_a_restart(watch):
    note(watch, "one", 0)
    note(watch, "two", 1, "ben")
    watch.ask(AssignIncidentAsked(FIRST, "ben", "anna"))
    watch.ask(IncidentStateAsked(FIRST, IncidentState.IN_PROGRESS, "anna"))
    later = watch.restarted()
    assert later.only.notes == watch.only.notes
    assert (later.only.assigned_to, later.only.state) == ("ben", IncidentState.IN_PROGRESS)
    note(later, "three", 2)
    assert later.only.note.number == 3


def test_without_a_language_model_asking_is_refused_with_the_way_to_it(watch):
    watch.ask(SummaryAsked(FIRST, "anna"))
    assert "page of incidents" in watch.refusals[0]
    assert watch.only.summary.state is SummaryState.NONE


def test_a_person_may_ask_again():
    watch = Watch(asker=FakeAsker())
    watch.alarm(1)
    watch.ask(SummaryAsked(FIRST, "anna"))
    assert "already" in watch.refusals[0]
