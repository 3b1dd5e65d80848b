"""Chooses cameras, devices or rules: a button with a list to tick."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy

from embereye.ui.rule_choices import Choice
from embereye.ui.words import tip

_LETTERS = 26  # of names on the button; its tooltip tells all


class RuleSources(QPushButton):
    """None ticked means all. GUI thread.

    Signals:
        edited: ()
    """

    edited = Signal()

    def __init__(self, everything: str) -> None:
        """`everything`: what it says when none is ticked."""
        super().__init__()
        self._everything = everything
        self._menu = QMenu(self)
        self._menu.triggered.connect(self._toggled)
        self.setMenu(self._menu)
        self.setProperty("role", "choice")
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def offer(self, choices: Sequence[Choice], chosen: Iterable[str]) -> None:
        """Show these; what is chosen and gone stays, and says so."""
        ticked = list(chosen)
        known = {ident for ident, _name in choices}
        gone = [(ident, self.tr("{0} (gone)").format(ident)) for ident in ticked]
        self._menu.clear()
        for ident, name in (*choices, *(pair for pair in gone if pair[0] not in known)):
            action = self._menu.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(ident in ticked)
            action.setData((ident, name))
        self.setEnabled(bool(self._menu.actions()))
        self._show()

    def chosen(self) -> list[str]:
        """Ids of what is ticked, in the order shown."""
        return [action.data()[0] for action in self._menu.actions() if action.isChecked()]

    @Slot(QAction)
    def _toggled(self, _action: QAction) -> None:
        self._show()
        self.edited.emit()

    def _show(self) -> None:
        names = [action.data()[1] for action in self._menu.actions() if action.isChecked()]
        text = ", ".join(names) or self._everything
        short = text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
        self.setText(short.replace("&", "&&"))
        self.setToolTip(tip(text))
        self.setAccessibleDescription(text)
