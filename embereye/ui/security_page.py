"""Who was refused, and what an administrator must look at."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from embereye.model.security import RefusedPeer, SecurityKind, SecurityRow, SecurityTable
from embereye.ui import words
from embereye.ui.device_console import DeviceConsole
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.table_page import filter_field
from embereye.ui.theme import Tokens

_REFRESH = 1000  # ms
# What somebody must act on; the others are refusals that the program dealt with.
_GRAVE = frozenset({SecurityKind.CLONE, SecurityKind.DOWNGRADE, SecurityKind.CALIBRATION})


@dataclass(frozen=True, slots=True)
class _Event:
    """One row of the upper table: an event and its place in the order (its key)."""

    number: int
    row: SecurityRow


class SecurityPage(QWidget):
    """Security events above, refused peers below. GUI thread."""

    def __init__(self, console: DeviceConsole, colours: Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self._console = console
        self._colours = colours
        self._shown: tuple[int, str] | None = None
        self.events: Rows[_Event] = Rows(self._event_fields(), lambda e: e.number, self)
        self.peers: Rows[RefusedPeer] = Rows(self._peer_fields(), lambda p: p.address, self)
        self.search = filter_field(
            self.tr("Filter: device, address, text …"), self.tr("Filter security events"), 300
        )
        self.search.textChanged.connect(self.refresh)
        self._policy, self._no_events, self._no_peers = QLabel(), QLabel(), QLabel()
        self._policy.setWordWrap(True)
        for label in (self._policy, self._no_events, self._no_peers):
            label.setProperty("role", "muted")
        self._event_table = rows_view(
            self.events, self.tr("Security events"), RowDelegate(colours, self)
        )
        self._peer_table = rows_view(
            self.peers, self.tr("Refused peers"), RowDelegate(colours, self)
        )
        self._detail = QLabel(self.tr("Select an event to read all of it."))
        self._detail.setWordWrap(True)
        self._detail.setTextFormat(Qt.TextFormat.PlainText)
        self._event_table.selectionModel().currentRowChanged.connect(self._tell)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Show the present snapshot."""
        table, text = self._console.security(), self.search.text().casefold()
        self._policy.setText(self.policy_words())
        if self._shown == (table.revision, text):
            return
        self._shown = (table.revision, text)
        self._show_events(table, text)
        self._show_peers(table, text)

    def policy_words(self) -> str:
        """What the listener lets in, in one line."""
        section = self._console.settings().sensors
        devices = self._console.devices().devices
        enrolled = sum(device.enrolled for device in devices)
        unverified = sum(not device.verified for device in devices)
        legacy = {
            "open": self.tr("any unauthenticated device may connect"),
            "allow-list": self.tr("unauthenticated devices only if they are in the settings"),
            "off": self.tr("unauthenticated devices are refused"),
        }[section.legacy]
        tls = (
            self.tr("no encrypted port")
            if section.tls.mode == "off"
            else self.tr("encrypted port {0} ({1})").format(section.tls.port, section.tls.mode)
        )
        return self.tr("{0} · {1} · {2} enrolled, {3} unverified · {4}").format(
            self._console.status().sensor_address, legacy, enrolled, unverified, tls
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    @Slot(QModelIndex, QModelIndex)
    def _tell(self, current: QModelIndex, _before: QModelIndex) -> None:
        event = self.events.row(current.row())
        if event is not None:
            self._detail.setText(f"{words.full_time(event.row.at.utc)}: {event.row.text}")

    def _show_events(self, table: SecurityTable, text: str) -> None:
        found = [e for e in table.events if text in self._event_words(e).casefold()]
        # Numbered from the oldest, so that a new event on top does not rename the others.
        self.events.show([_Event(len(found) - n, e) for n, e in enumerate(found)])
        self._no_events.setVisible(not found)
        self._no_events.setText(
            self.tr("No event matches the filter.")
            if table.events
            else self.tr("No security event since the program started. The audit keeps old ones.")
        )

    def _show_peers(self, table: SecurityTable, text: str) -> None:
        found = [p for p in table.peers if text in f"{p.address} {p.reason}".casefold()]
        self.peers.show(found)
        self._no_peers.setVisible(not found)
        self._no_peers.setText(
            self.tr("No peer matches the filter.")
            if table.peers
            else self.tr("Nobody was refused since the program started.")
        )

    def _event_words(self, row: SecurityRow) -> str:
        return f"{row.kind.value} {row.subject} {row.address} {row.text}"

    def _event_fields(self) -> list[Field[_Event]]:
        return [
            Field(self.tr("Time"), lambda e: words.full_time(e.row.at.utc)[:19], 160),
            Field(self.tr("Event"), lambda e: _kind(e.row), 270, colour=self._event_colour),
            Field(self.tr("Subject"), lambda e: e.row.subject, 180),
            Field(self.tr("From"), lambda e: e.row.address or "–", 140),
            Field(self.tr("Count"), lambda e: f"{e.row.count}", 64, right=True),
            Field(self.tr("What happened"), lambda e: e.row.text, 0),
        ]

    def _event_colour(self, event: _Event) -> str:
        return self._colours.fault if event.row.kind in _GRAVE else ""

    def _peer_fields(self) -> list[Field[RefusedPeer]]:
        return [
            Field(self.tr("Peer"), lambda p: p.address, 200),
            Field(self.tr("Bad packets"), lambda p: f"{p.packets}", 110, right=True),
            Field(self.tr("Refused or cut off"), lambda p: f"{p.closed}", 150, right=True),
            Field(self.tr("Last"), lambda p: words.full_time(p.last_utc)[:19], 160),
            Field(self.tr("Newest reason"), lambda p: p.reason, 0),
        ]

    def _lay_out(self) -> None:
        title, below = QLabel(self.tr("Security")), QLabel(self.tr("Refused peers"))
        for label in (title, below):
            label.setProperty("role", "title")
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.search)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self._policy)
        column.addWidget(self._event_table, 3)
        column.addWidget(self._no_events)
        column.addWidget(self._detail)
        column.addWidget(below)
        column.addWidget(self._peer_table, 2)
        column.addWidget(self._no_peers)


def _kind(row: SecurityRow) -> str:
    return f"△ {row.kind.value}" if row.kind in _GRAVE else row.kind.value
