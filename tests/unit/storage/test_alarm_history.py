"""Closed alarms page by page, found by what people ask for; what happened to one."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from storage_parts import AT, action, alarm, opened

from embereye.model.alarm import Alarm, AlarmAction, AlarmKey, AlarmKind, AlarmState, Priority
from embereye.model.alarm_past import STORY_MOST, HistoryAsked, HistoryFilter, StoryAsked
from embereye.model.ids import AlarmId, PlaceId
from embereye.services.alarm_past import AlarmPastReader
from embereye.storage.alarm_history import closed_alarms, story
from embereye.storage.alarms import store
from embereye.storage.chain import Chain, load_key
from embereye.storage.database import EVIDENCE_FILE, open_writer, transaction


def closed(number: int, **changes: object) -> Alarm:
    return replace(alarm(number, state=AlarmState.NORMAL), **changes)  # type: ignore[arg-type]


@pytest.fixture
def storage(tmp_path: Path):
    return opened(tmp_path)


@pytest.fixture
def path(storage) -> Path:
    return storage.folder / EVIDENCE_FILE


def save(storage, *pairs: tuple[Alarm, AlarmAction]) -> None:
    chain = Chain(load_key(storage.folder))
    with (
        closing(open_writer(storage.folder / EVIDENCE_FILE, durable=False)) as connection,
        transaction(connection),
    ):
        for one, done in pairs:
            store(connection, chain, one, done)


def keep(storage, alarms: Sequence[Alarm]) -> None:
    save(storage, *((one, action(one)) for one in alarms))


def ids(path: Path, wanted: HistoryFilter = HistoryFilter()) -> list[int]:  # noqa: B008 - frozen
    return [one.id for one in closed_alarms(path, HistoryAsked(wanted)).alarms]


def test_pages_hold_each_closed_alarm_once_newest_first(storage, path: Path) -> None:
    same = AT.utc + 5  # several in one second: the id decides
    keep(storage, [closed(n, raised_utc=same if 3 <= n <= 6 else AT.utc + n) for n in range(1, 10)])
    keep(storage, [alarm(99)])  # is open
    found: list[int] = []
    asked, more = HistoryAsked(HistoryFilter(), most=2), True
    while more:
        read = closed_alarms(path, asked)
        found += [one.id for one in read.alarms]
        last = read.alarms[-1]
        asked, more = replace(asked, before=(last.raised_utc, last.id)), read.more
    assert found == [9, 8, 7, 6, 5, 4, 3, 2, 1]


def test_an_alarm_that_closes_meanwhile_moves_no_page(storage, path: Path) -> None:
    keep(storage, [closed(n) for n in range(1, 7)])
    first = closed_alarms(path, HistoryAsked(HistoryFilter(), most=3))
    keep(storage, [closed(7), closed(8)])
    last = first.alarms[-1]
    second = closed_alarms(path, HistoryAsked(HistoryFilter(), (last.raised_utc, last.id), 3))
    assert [one.id for one in (*first.alarms, *second.alarms)] == [6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (HistoryFilter(since=AT.utc + 2), [4, 3, 2]),
        (HistoryFilter(until=AT.utc + 3), [2, 1]),
        (HistoryFilter(kinds=(AlarmKind.GAS,)), [2]),
        (HistoryFilter(kinds=(AlarmKind.GAS, AlarmKind.CAMERA_FAULT)), [3, 2]),
        (HistoryFilter(priorities=(Priority.LOW,)), [4]),
        (HistoryFilter(places=(PlaceId("yard"),)), [4]),
        (HistoryFilter(text="91.2"), [1]),
        (HistoryFilter(text="cam7"), [3]),
        (HistoryFilter(text="ANN"), [4]),
        (HistoryFilter(text="größe"), [4]),
        (HistoryFilter(text="GRÖSSE hof"), [4]),
        (HistoryFilter(text="valve replaced"), [2]),
        (HistoryFilter(text="91.2 yard"), []),
        (HistoryFilter(text="%"), []),
        (HistoryFilter(text="' OR 1=1 --"), []),
    ],
)
def test_each_filter_finds_what_it_names(
    storage, path: Path, wanted: HistoryFilter, found: list[int]
) -> None:
    gas = closed(2, key=AlarmKey(PlaceId("boiler"), AlarmKind.GAS), reasons=("CO 61 ppm",))
    fault = AlarmKey(PlaceId("boiler"), AlarmKind.CAMERA_FAULT, "cam7")
    yard = closed(
        4,
        key=AlarmKey(PlaceId("yard"), AlarmKind.FIRE),
        place_name="Hof GRÖẞE",
        priority=Priority.LOW,
        acknowledged_by="Ann",
        reasons=("smoke",),
    )
    keep(storage, [closed(1), gas, closed(3, key=fault, reasons=("no picture",)), yard])
    comment = replace(action(gas, "comment", "Bob"), reasons=("Valve V-201 replaced",))
    save(storage, (replace(gas, revision=2), comment))
    assert ids(path, wanted) == found


def test_a_stopped_reading_ends_empty(storage, path: Path) -> None:
    keep(storage, [closed(n) for n in range(1, 200)])
    asked = HistoryAsked(HistoryFilter(text="nothing has this"))
    assert closed_alarms(path, asked, cancelled=lambda: True).alarms == ()


def test_the_story_tells_what_happened_in_order(storage, path: Path) -> None:
    one = alarm(1)
    done = replace(one, state=AlarmState.ACKNOWLEDGED, revision=2)
    said = replace(action(done, "comment", "Ann"), reasons=("line one\nline two", "שלום"))
    keep(storage, [one, alarm(2)])
    save(storage, (done, action(done, "acknowledge", "Ann")), (replace(done, revision=3), said))
    read = story(path, StoryAsked(AlarmId(1), 3))
    assert [(a.event, a.actor) for a in read.actions] == [
        ("cause", "system"),
        ("acknowledge", "Ann"),
        ("comment", "Ann"),
    ]
    assert read.actions[2].reasons == ("line one\nline two", "שלום")
    assert read.actions[1].after is AlarmState.ACKNOWLEDGED
    assert read.earlier == 0


def test_a_long_story_keeps_its_newest_part_and_counts_the_rest(storage, path: Path) -> None:
    one = alarm(1)
    revisions = [replace(one, revision=n) for n in range(1, STORY_MOST + 11)]
    keep(storage, revisions)
    read = story(path, StoryAsked(AlarmId(1), STORY_MOST + 10))
    assert len(read.actions) == STORY_MOST
    assert read.earlier == 10
    assert read.actions[-1].at.utc > read.actions[0].at.utc


def test_a_database_that_cannot_be_read_is_told_in_words(tmp_path: Path) -> None:
    reader = AlarmPastReader(tmp_path)
    assert "There is no embereye.db" in reader.answer(HistoryAsked(HistoryFilter())).problem
    assert "There is no embereye.db" in reader.answer(StoryAsked(AlarmId(1), 1)).problem
