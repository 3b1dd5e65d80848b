"""Finding cameras in the network, and taking over one of their streams."""

from typing import Protocol

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.ingest.onvif_discovery import SEARCH_SECONDS, FoundCamera
from embereye.ingest.onvif_facts import Stream
from embereye.ingest.source import Login
from embereye.runtime.worker import ThreadHost
from embereye.services.camera_finder import draft, hosts
from embereye.ui.console import Console
from embereye.ui.errand import Errand
from embereye.ui.row_delegate import RowDelegate
from embereye.ui.rows import Field, Rows, rows_view
from embereye.ui.theme import Tokens

_WIDTH, _HEIGHT = 900, 640  # px
_TICK = 250  # ms


class Finder(Protocol):
    """One search, and questions to single cameras."""

    def search(self) -> tuple[FoundCamera, ...]:
        """All cameras that answer. Blocks."""

    def fresh(self) -> list[FoundCamera]:
        """What was found since the last call."""

    def streams(self, address: str, login: Login | None) -> tuple[Stream, ...]:
        """The streams of one camera. Blocks."""

    def cancel(self) -> None:
        """End what runs."""


class FinderConsole(Console, Protocol):
    """What the search needs of the program."""

    def finder(self) -> Finder:
        """A search, not begun yet."""


class FindCameras(QDialog):
    """Searches as soon as it opens. GUI thread.

    Signals:
        chosen: (CameraDraft) somebody wants this one on the wall
    """

    chosen = Signal(object)

    def __init__(
        self,
        console: FinderConsole,
        colours: Tokens,
        threads: ThreadHost,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Find cameras"))
        self.resize(_WIDTH, _HEIGHT)
        self._console = console
        self._threads = threads
        self._finder = self._asker = console.finder()
        self._asked = ""  # address that the streams are of
        self._searching = self._asking = False
        self._seconds = 0.0
        self._seen: dict[str, FoundCamera] = {}
        self._known: dict[str, str] = {}
        self._login: Login | None = None
        self.cameras: Rows[FoundCamera] = Rows(self._camera_fields(), lambda c: c.address, self)
        self.streams: Rows[Stream] = Rows(self._stream_fields(), lambda s: s.token, self)
        self.camera_table = rows_view(self.cameras, self.tr("Found"), RowDelegate(colours, self))
        self.stream_table = rows_view(self.streams, self.tr("Streams"), RowDelegate(colours, self))
        self.camera_table.selectionModel().currentRowChanged.connect(self._picked)
        self.state = self._line("muted")
        self.error = self._line("fire")
        self.address = self._field(self.tr("Address of the camera"))
        self.address.textEdited.connect(self._forget)
        self.user = self._field(self.tr("User name"))
        self.password = self._field(self.tr("Password"))
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.search_button = self._button(self.tr("Search again"), self.search)
        self.streams_button = self._button(self.tr("Show streams"), self._ask)
        self.add_button = self._button(self.tr("Add …"), self._add)
        self.add_button.setProperty("role", "primary")
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK)
        self._timer.timeout.connect(self._tick)
        self.search()

    @Slot()
    def search(self) -> None:
        """Ask in all networks of this computer."""
        if self._searching:
            return
        self._known = hosts(self._console.settings().cameras)
        self._finder = self._console.finder()
        self._seen = {}
        self._searching, self._seconds = True, 0.0
        errand = Errand(self._threads, self)
        errand.done.connect(self._found)
        errand.failed.connect(self._not_found)
        errand.start("find cameras", self._finder.search)
        self._timer.start()
        self._show()

    def hideEvent(self, event: QHideEvent) -> None:
        if not event.spontaneous():
            self._finder.cancel()
            self._asker.cancel()
        super().hideEvent(event)

    @Slot()
    def _tick(self) -> None:
        self._seconds += _TICK / 1000
        self._seen.update((camera.address, camera) for camera in self._finder.fresh())
        self._show()

    @Slot(object)
    def _found(self, found: tuple[FoundCamera, ...]) -> None:
        self._seen = {camera.address: camera for camera in found}
        self._end()

    @Slot(str)
    def _not_found(self, text: str) -> None:
        self.error.setText(text)
        self._end()

    def _end(self) -> None:
        self._searching = False
        self._timer.stop()
        self._show()

    def _show(self) -> None:
        """The present state of the search."""
        cameras = sorted(self._seen.values(), key=lambda camera: camera.address)
        if self.cameras.show(cameras):
            self._mark()
        self.search_button.setEnabled(not self._searching)
        self.streams_button.setEnabled(not self._asking)
        self.add_button.setEnabled(self.streams.rowCount() > 0)
        if self._searching:
            left = max(0.0, SEARCH_SECONDS - self._seconds)
            text = self.tr("Searching … {0:.0f} s left, {1} found").format(left, len(cameras))
        elif cameras:
            text = self.tr("{0} found. Choose one, enter its login, show its streams.")
            text = text.format(len(cameras))
        else:
            text = self.tr(
                "No ONVIF camera answered. Switch ONVIF and discovery on in the cameras; for one"
                " behind a router enter its address."
            )
        self.state.setText(text)

    @Slot(QModelIndex, QModelIndex)
    def _picked(self, current: QModelIndex, _before: QModelIndex) -> None:
        camera = self.cameras.row(current.row())
        if camera is not None and camera.address != self._address():
            self.address.setText(camera.address)
            self._forget()

    def _mark(self) -> None:
        """Mark the row of the address. What arrives never changes an address: a login follows."""
        number = self.cameras.number_of(self._address())
        row = QModelIndex() if number is None else self.cameras.index(number, 0)
        self.camera_table.setCurrentIndex(row)

    def _address(self) -> str:
        return self.address.text().strip()

    @Slot()
    def _forget(self) -> None:
        """The streams shown, or asked for, are those of another camera."""
        if self._asking:
            self._asker.cancel()
        self._mark()
        self.streams.show(())
        self.add_button.setEnabled(False)

    @Slot()
    def _ask(self) -> None:
        """Which streams the camera has, with this login."""
        if self._asking:  # Enter in a field; a second wrong login may lock the account
            return
        if "@" in self._address():
            self.error.setText(self.tr("Enter user name and password beside the address."))
            return
        user = self.user.text().strip()
        self._login = Login(user, self.password.text()) if user else None
        self._asking = True
        self.streams_button.setEnabled(False)
        self.streams_button.setText(self.tr("Asking …"))
        self.streams.show(())
        self.error.clear()
        self._asked, self._asker = self._address(), self._console.finder()
        address, login, finder = self._asked, self._login, self._asker
        errand = Errand(self._threads, self)
        errand.done.connect(self._told)
        errand.failed.connect(self._not_told)
        errand.start("ask camera", lambda: finder.streams(address, login))

    @Slot(object)
    def _told(self, streams: tuple[Stream, ...]) -> None:
        self._answered("")
        self.streams.show(streams if self._asked == self._address() else ())
        if self.streams.rowCount():
            self.stream_table.setCurrentIndex(self.streams.index(0, 0))
        elif not streams:
            self.error.setText(self.tr("The camera names no stream. Set one up in the camera."))
        self._show()

    @Slot(str)
    def _not_told(self, text: str) -> None:
        self._answered(text)
        self._show()

    def _answered(self, problem: str) -> None:
        self._asking = False
        self.streams_button.setText(self.tr("Show streams"))
        self.error.setText(problem if self._asked == self._address() else "")

    @Slot()
    def _add(self) -> None:
        stream = self.streams.row(self.stream_table.currentIndex().row())
        if stream is None:
            return
        if not stream.address.text:
            self.error.setText(stream.address.problem)
            return
        camera = self._seen.get(self._asked)
        taken = {row.id for row in self._console.settings().cameras}
        name = camera.name if camera is not None else ""
        rows = (self.streams.row(number) for number in range(self.streams.rowCount()))
        streams = [row for row in rows if row is not None and row.address.text]
        self.chosen.emit(draft(name, stream, self._login, taken, self._asked, streams))

    def _camera_fields(self) -> list[Field[FoundCamera]]:
        return [
            Field(self.tr("Name"), lambda c: c.name or c.host, 220),
            Field(self.tr("Hardware"), lambda c: c.hardware, 160),
            Field(self.tr("Place"), lambda c: c.location, 140),
            Field(self.tr("Host"), lambda c: c.host, 130),
            Field(self.tr("Remarks"), self._remark, 0),
        ]

    def _remark(self, camera: FoundCamera) -> str:
        if camera.host in self._known:
            return self.tr("on the wall: {0}").format(self._known[camera.host])
        if camera.elsewhere:
            return self.tr("names another host: {0}").format(camera.elsewhere)
        return ""

    def _stream_fields(self) -> list[Field[Stream]]:
        return [
            Field(self.tr("Stream"), lambda s: s.name or s.token, 160),
            Field(self.tr("Codec"), lambda s: s.codec.upper() or "–", 80),
            Field(self.tr("Picture"), lambda s: f"{s.width} × {s.height}", 110, right=True),
            Field(self.tr("Rate"), lambda s: f"{s.fps:g} fps" if s.fps else "–", 80, right=True),
            Field(self.tr("Address"), lambda s: s.address.text or s.address.problem, 0),
        ]

    def _line(self, role: str) -> QLabel:
        label = QLabel()
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("role", role)
        return label

    def _field(self, caption: str) -> QLineEdit:
        line = QLineEdit()
        line.setPlaceholderText(caption)
        line.setAccessibleName(caption)
        line.returnPressed.connect(self._ask)
        return line

    def _button(self, caption: str, slot: object) -> QPushButton:
        button = QPushButton(caption)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.state, 1)
        top.addWidget(self.search_button)
        login = QHBoxLayout()
        login.addWidget(self.address, 2)
        login.addWidget(self.user, 1)
        login.addWidget(self.password, 1)
        login.addWidget(self.streams_button)
        bottom = QHBoxLayout()
        bottom.addWidget(self.error, 1)
        bottom.addWidget(self.add_button)
        bottom.addWidget(self._button(self.tr("Close"), self.reject))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(self.camera_table, 3)
        column.addLayout(login)
        column.addWidget(self.stream_table, 2)
        column.addLayout(bottom)
