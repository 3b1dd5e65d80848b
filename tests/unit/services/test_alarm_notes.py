"""Comments, assignment and hand-over."""

import pytest

from embereye.config.schema import Settings
from embereye.model.alarm import AlarmKey, AlarmKind
from embereye.model.alarm_messages import AssignAsked, CommentAsked, HandOverAsked
from embereye.model.ids import AlarmId, PlaceId
from embereye.services.access import Access

ONE = AlarmId(1)


def last(desk):
    return desk.store.actions[-1]


def test_a_comment_is_a_row_of_the_alarm_and_announces_nothing(desk):
    desk.report()
    desk.ask(CommentAsked(ONE, "valve 3 leaks\ncalled Tom", "anna"))
    assert (last(desk).event, last(desk).actor) == ("comment", "anna")
    assert last(desk).reasons == ("valve 3 leaks\ncalled Tom",)
    assert len(desk.announced) == 1
    assert desk.changes[-1].alarm.revision == desk.only.revision == 2


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("x" * 10_000, "x" * 10_000),
        ("דלת פתוחה, see below", "דלת פתוחה, see below"),
        ("a\u202eb\u2066c\u2069\u202cd", "abcd"),
        ("a\x00b\x1b[31mc\r\nd\u2028e", "ab[31mc\nd\ne"),
        ("bad \ud800", "bad ?"),
        ("م\u200cی", "م\u200cی"),  # a zero-width non-joiner is part of Persian spelling
    ],
)
def test_comments_are_kept_as_written_but_harmless(desk, text, kept):
    desk.report()
    desk.ask(CommentAsked(ONE, text, "anna"))
    assert last(desk).reasons == (kept,)


@pytest.mark.parametrize("text", ["", " \n\t ", "\x00", "\u202e", "x" * 10_001])
def test_comments_without_words_or_without_end_are_refused(desk, text):
    desk.report()
    desk.ask(CommentAsked(ONE, text, "anna"))
    assert last(desk).event == "cause"
    assert len(desk.refusals) == 1


def test_assigning_names_who_takes_care_and_can_be_taken_back(desk):
    desk.report()
    desk.ask(AssignAsked(ONE, " Tom  B. ", "anna"))
    assert desk.only.assigned_to == "Tom B."
    assert (last(desk).event, last(desk).reasons) == ("assign", ("Tom B.",))
    desk.ask(AssignAsked(ONE, "", "anna"))
    assert desk.only.assigned_to == ""


@pytest.mark.parametrize("to", ["x" * 121, ""])
def test_assigning_to_an_endless_name_or_to_nobody_twice_is_refused(desk, to):
    desk.report()
    desk.ask(AssignAsked(ONE, to, "anna"))
    assert len(desk.refusals) == 1


def test_handing_over_gives_all_alarms_of_one_person_to_another(desk):
    for number, to in enumerate(["anna", "tom", "anna"], start=1):
        desk.report(key=AlarmKey(PlaceId(f"p{number}"), AlarmKind.FIRE))
        desk.ask(AssignAsked(AlarmId(number), to, "boss"))
    desk.ask(HandOverAsked("ben", "pump 2 is noisy", "anna"))
    assert [a.assigned_to for a in desk.alarms.current.alarms] == ["ben", "tom", "ben"]
    assert (last(desk).event, last(desk).reasons) == ("hand over", ("ben", "pump 2 is noisy"))


@pytest.mark.parametrize("to", ["", "anna", "x" * 121])
def test_handing_over_to_nobody_or_oneself_is_refused(desk, to):
    desk.ask(HandOverAsked(to, "", "anna"))
    assert len(desk.refusals) == 1


def test_an_assignment_survives_a_restart(desk):
    desk.report()
    desk.ask(AssignAsked(ONE, "tom", "anna"))
    again = desk.restarted()
    again.alarms.restore()
    again.step()
    assert again.only.assigned_to == "tom"


@pytest.mark.parametrize(
    "asked",
    [CommentAsked(ONE, "x", "v"), AssignAsked(ONE, "x", "v"), HandOverAsked("x", "", "v")],
)
def test_a_viewer_only_looks(make_desk, asked):
    desk = make_desk(access=Access(lambda: Settings(role="viewer")))
    desk.report()
    desk.ask(asked)
    assert last(desk).event == "cause"
    assert "needs the role operator" in desk.refusals[0]
