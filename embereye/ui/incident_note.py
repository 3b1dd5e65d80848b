"""The note of an incident: several people may edit it at once, and nothing is lost."""

from dataclasses import dataclass

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embereye.model.ids import IncidentId
from embereye.model.incident import Incident, NoteVersion
from embereye.model.incident_messages import EditNoteAsked
from embereye.ui import words
from embereye.ui.elided import keep_narrow
from embereye.ui.incident_console import IncidentConsole

_HEIGHT = 120  # px: six lines
_PATIENCE = 2000  # ms for the answer to a saved note; without one it was refused


@dataclass(frozen=True, slots=True)
class _Draft:
    """What was typed and not saved when another incident was shown."""

    base: int
    shown: str
    text: str


class IncidentNote(QWidget):
    """Edits a note. GUI thread.

    While nobody types, the newest version is shown. What is being typed stays; saving it joins it
    with what others saved meanwhile, line by line.

    Signals:
        noticed: (str) a word for the status line
    """

    noticed = Signal(str)

    def __init__(self, console: IncidentConsole) -> None:
        super().__init__()
        self._console = console
        self._incident: Incident | None = None
        self._base = 0  # number of the version that was edited
        self._shown = ""  # text of that version
        self._saving = False
        self._drafts: dict[IncidentId, _Draft] = {}
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE)
        self._patience.timeout.connect(self._unlock)
        self.edit = QPlainTextEdit()
        self.edit.setAccessibleName(self.tr("Note"))
        self.edit.setPlaceholderText(self.tr("What happened, what was done, what is left to do …"))
        self.edit.setFixedHeight(_HEIGHT)
        self.edit.setTabChangesFocus(True)
        self.versions = QComboBox()
        self.versions.setAccessibleName(self.tr("Versions of the note"))
        keep_narrow(self.versions, 16)
        self.save_button = QPushButton(self.tr("Save note"))
        self.remark = QLabel()
        self.remark.setWordWrap(True)
        self.remark.setProperty("role", "fault")
        self.edit.textChanged.connect(self._typed)
        self.versions.activated.connect(self._choose)
        self.save_button.clicked.connect(self._save)
        self._lay_out()

    @property
    def dirty(self) -> bool:
        """Whether something was typed that is not saved."""
        return self.edit.toPlainText() != self._shown

    def show_incident(self, incident: Incident | None) -> None:
        """Show the note of this incident as it stands; what is being typed stays, also when
        another incident is shown in between."""
        before, self._incident = self._incident, incident
        note = None if incident is None else incident.note
        if before is None or incident is None or before.id != incident.id:
            self._leave(before)
            self._enter(incident)
        elif note is not None and note.number > self._base and (self._saving or not self.dirty):
            self._take(note)
        if before is None or incident is None or (before.id, before.notes) != (
            incident.id, incident.notes
        ):  # fmt: skip
            self._list_versions()
        self._typed()

    def _leave(self, before: Incident | None) -> None:
        if before is not None and self.dirty:
            self._drafts[before.id] = _Draft(self._base, self._shown, self.edit.toPlainText())

    def _enter(self, incident: Incident | None) -> None:
        draft = None if incident is None else self._drafts.pop(incident.id, None)
        self._take(None if incident is None else incident.note)
        if draft is not None:
            self._base, self._shown = draft.base, draft.shown
            self.edit.setPlainText(draft.text)

    def _take(self, note: NoteVersion | None) -> None:
        self._unlock()
        self._base = note.number if note is not None else 0
        self._shown = note.text if note is not None else ""
        if self.edit.toPlainText() != self._shown:
            self.edit.setPlainText(self._shown)

    @Slot()
    def _unlock(self) -> None:
        self._saving = False
        self.edit.setReadOnly(False)

    def _list_versions(self) -> None:
        notes = () if self._incident is None else self._incident.notes
        self.versions.clear()
        for note in reversed(notes):
            both = self.tr(", both texts") if note.conflict else ""
            text = self.tr("Version {0} · {1} · {2}{3}")
            when = words.clock_time(note.at_utc)
            self.versions.addItem(text.format(note.number, note.author, when, both), note.number)
        self.versions.setVisible(bool(notes))
        self.versions.setEnabled(len(notes) > 1)

    @Slot()
    def _typed(self) -> None:
        note = None if self._incident is None else self._incident.note
        newer = note is not None and note.number > self._base
        self.save_button.setEnabled(self._incident is not None and self.dirty)
        text = ""
        if newer and self.dirty and note is not None:
            text = self.tr(
                "{0} saved another version meanwhile. Save yours: both are joined, line by line."
            ).format(note.author)
        elif note is not None and note.conflict and note.number == self._base:
            text = self.tr(
                "Two people changed the same lines: both texts stand between <<< and >>>. Keep"
                " what is right and save."
            )
        self.remark.setText(text)
        self.remark.setVisible(bool(text))

    @Slot(int)
    def _choose(self, _row: int) -> None:
        """Show an older version; saving it makes it the newest."""
        number = self.versions.currentData()
        notes = () if self._incident is None else self._incident.notes
        found = next((note for note in notes if note.number == number), None)
        if found is None:
            return
        if self.dirty and all(note.text != self.edit.toPlainText() for note in notes):
            self.noticed.emit(self.tr("Save your note first, or undo what you typed."))
            return
        self.edit.setPlainText(found.text)

    @Slot()
    def _save(self) -> None:
        if self._incident is None or not self.dirty:
            return
        actor, text = self._console.settings().operator, self.edit.toPlainText()
        self._saving = True
        self.edit.setReadOnly(True)  # for some ms: what is typed now would belong to no version
        self._patience.start()
        self._console.ask(EditNoteAsked(self._incident.id, text, self._base, actor))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.versions, 1)
        row.addStretch()
        row.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.remark)
        column.addWidget(self.edit)
        column.addLayout(row)
