"""What an export of alarms holds, and how it is put on paper."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QCoreApplication

from embereye.model.alarm import Alarm, AlarmState
from embereye.model.alarm_past import HistoryAsked, HistoryFilter, HistoryRead
from embereye.model.errors import StorageError
from embereye.runtime.mailbox import Full, Mailbox
from embereye.ui import words
from embereye.ui.past_console import Past
from embereye.ui.report_pdf import Marked, Report, Section, Table, TableColumn, Words
from embereye.ui.shelved_view import overlay_word
from embereye.ui.theme import Tokens, alarm_look

MOST_ROWS = 200_000  # alarms in a CSV; some 60 MB
MOST_ON_PAPER = 5_000  # alarms in a PDF; some 180 pages, 2 s
_PAGE = 1_000  # alarms read at once
_PATIENCE = 30.0  # s that the reading of a page may take


@dataclass(frozen=True, slots=True)
class Listing:
    """What is exported.

    Attributes:
        title: Of the list.
        said: What was filtered, in words; may be empty.
        alarms: The alarms in their order; None: closed ones, read with `wanted`.
    """

    title: str
    said: str
    alarms: tuple[Alarm, ...] | None
    wanted: HistoryFilter | None = None


def listed(
    listing: Listing, past: Past, most: int, going: Callable[[int], bool]
) -> Iterator[Alarm]:
    """The alarms of a listing, at most `most`. Not in the GUI thread: it waits for the disk.

    Args:
        going: Told how many were read; False stops.

    Raises:
        StorageError: They cannot be read.
    """
    if listing.alarms is not None:
        yield from listing.alarms[:most]
        return
    asked, count = HistoryAsked(listing.wanted or HistoryFilter(), most=_PAGE), 0
    more = True
    while more and count < most and going(count):
        read = _page(past, asked)
        yield from read.alarms[: most - count]
        count += len(read.alarms)
        more = read.more and bool(read.alarms)
        if more:
            last = read.alarms[-1]
            asked = HistoryAsked(asked.wanted, (last.raised_utc, last.id), _PAGE)


def on_paper(listing: Listing, alarms: Sequence[Alarm], colours: Tokens, written: str) -> Report:
    """A listing as a report.

    Args:
        written: When and by whom, for the foot of each page.
    """
    lines = [line for line in (listing.said, _tr("{0} alarms").format(f"{len(alarms):,}")) if line]
    closed = bool(alarms) and all(alarm.state is AlarmState.NORMAL for alarm in alarms)
    quiet = any(alarm.overlay is not None for alarm in alarms)
    columns = [
        TableColumn(_tr("Priority"), 1.2),
        TableColumn(_tr("Raised"), 2.0),
        TableColumn(_tr("Closed") if closed else _tr("State"), 2.0),
        TableColumn(_tr("Place"), 2.2),
        TableColumn(_tr("What"), 4.5),
        TableColumn(_tr("By"), 1.5),
    ]
    if quiet:
        columns.append(TableColumn(_tr("Kept quiet"), 3.0))
    rows = [_cells(alarm, colours, closed, quiet) for alarm in alarms]
    table = Table(columns, rows, _tr("There is no alarm."))
    blocks: list[Words | Table] = [table]
    if len(alarms) >= MOST_ON_PAPER:
        text = _tr("Only the first {0} are listed. Narrow the filter for the others.")
        blocks.insert(0, Words(text.format(f"{MOST_ON_PAPER:,}")))
    section = Section(_tr("Alarms"), blocks)
    return Report(listing.title, (section,), lines, written, landscape=True)


def _cells(alarm: Alarm, colours: Tokens, closed: bool, quiet: bool) -> tuple[str | Marked, ...]:
    look = alarm_look(colours, alarm)
    state = words.date_time(alarm.changed_utc) if closed else words.state_word(alarm.state)
    people = [alarm.acknowledged_by]
    if alarm.assigned_to:
        people.append(_tr("for {0}").format(alarm.assigned_to))
    cells: list[str | Marked] = [
        Marked(words.priority_word(look.word), look),
        words.date_time(alarm.raised_utc),
        state,
        alarm.place_name,
        "\n".join(alarm.reasons),
        "\n".join(name for name in people if name),
    ]
    if quiet:
        cells.append(_quiet(alarm))
    return tuple(cells)


def _quiet(alarm: Alarm) -> str:
    overlay = alarm.overlay
    if overlay is None:
        return ""
    parts = [f"{overlay_word(overlay.kind)}, {overlay.by}", overlay.reason]
    if overlay.until_utc is not None:
        parts.append(_tr("until {0}").format(words.date_time(overlay.until_utc)))
    return "\n".join(parts)


def _page(past: Past, asked: HistoryAsked) -> HistoryRead:
    box: Mailbox[object] = Mailbox(1, Full.DROP_OLDEST)
    past.recall(asked, box.put)
    answers = box.take_all(_PATIENCE)
    if not answers:
        raise StorageError("The database did not answer in time. Try again.")
    read = cast(HistoryRead, answers[0])
    if read.problem:
        raise StorageError(read.problem)
    return read


def _tr(text: str) -> str:
    return QCoreApplication.translate("alarm_listing", text)
