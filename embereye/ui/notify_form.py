"""One target of notices: what it is, when it is used, and its secrets."""

import typing
from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from embereye.config.notify_options import EmailTarget, EventChoice, KindChoice, Occasion
from embereye.model.errors import ConfigError
from embereye.model.ids import is_id
from embereye.model.notice import EditTargetAsked, TargetKind
from embereye.rules.notice_text import BODY, NAMES
from embereye.services.notify_configuration import MODELS, Target, changed_target
from embereye.ui.bridge import Bridge
from embereye.ui.choice_boxes import ChoiceBoxes
from embereye.ui.notify_captions import kind_title, occasion_captions, target_captions
from embereye.ui.notify_console import NotifyConsole
from embereye.ui.section_form import SectionForm
from embereye.ui.settings_form import SettingsForm, stacked, told_by_field

_SEPARATORS = {"recipients": ",", "places": ",", "headers": ";"}  # of lists that are typed
_OCCASION = "occasion."


class TargetForm(SettingsForm):
    """Adds a target or changes one. GUI thread. Stored secrets are never shown."""

    def __init__(
        self,
        console: NotifyConsole,
        bridge: Bridge,
        kind: TargetKind,
        target: Target | None,
        parent: QWidget | None = None,
    ) -> None:
        """`target`: None to add one."""
        super().__init__(console, bridge, parent)
        self._kind, self._target = kind, target
        title = kind_title(kind)
        self.setWindowTitle(title if target is None else f"{title}: {target.name}")
        captions, times = target_captions(kind), occasion_captions(kind)
        self.basic = SectionForm(MODELS[kind], list(captions), captions)
        self.times = SectionForm(Occasion, list(times), times)
        self.events = ChoiceBoxes(self.tr("Events"), typing.get_args(EventChoice))
        self.kinds = ChoiceBoxes(self.tr("Kinds"), typing.get_args(KindChoice))
        self.name = QLineEdit()
        self.secret, self.token = self._secret(), self._secret()
        self.subject, self.body = QLineEdit(), QPlainTextEdit()
        tabs = [(self._first(), title), (self._second(), self.tr("When"))]
        if kind is TargetKind.EMAIL:
            tabs.append((self._texts(), self.tr("Text")))
        self.lay_out(*tabs)
        self._show()

    @Slot()
    def save(self) -> None:
        """Check everything, then ask."""
        asked = self._request()
        problems = self._problems(asked)
        self.basic.tell(problems)
        inner = {k.removeprefix(_OCCASION): v for k, v in problems.items()}
        self.times.tell(inner)
        self.complain(problems)
        if problems:
            return
        if asked.added or asked.values or asked.secret is not None or asked.token is not None:
            self.send(asked)
        else:
            self.accept()

    def _request(self) -> EditTargetAsked:
        values = _typed(self.basic.changes())
        values |= {f"{_OCCASION}{k}": v for k, v in _typed(self.times.changes()).items()}
        values |= self._chosen()
        if self._kind is TargetKind.EMAIL:
            values |= self._written()
        return EditTargetAsked(
            self._kind,
            self.name.text().strip() if self._target is None else self._target.id,
            values,
            self.console.settings().operator,
            self.secret.text() or None,
            self.token.text() or None,
            added=self._target is None,
        )

    def _chosen(self) -> dict[str, object]:
        before = self._target.occasion if self._target is not None else Occasion()
        found: dict[str, object] = {}
        if self.kinds.chosen() != before.kinds:
            found[f"{_OCCASION}kinds"] = self.kinds.chosen()
        if self._kind is not TargetKind.RELAY and self.events.chosen() != before.events:
            found[f"{_OCCASION}events"] = self.events.chosen()
        return found

    def _written(self) -> dict[str, object]:
        before = self._target if isinstance(self._target, EmailTarget) else None
        fields = EmailTarget.model_fields
        subject = before.subject if before else fields["subject"].default
        body = before.body if before else ""
        typed = self.body.toPlainText()
        typed = "" if typed.strip() == BODY.strip() else typed
        found: dict[str, object] = {}
        if self.subject.text() != subject:
            found["subject"] = self.subject.text() or None
        if typed != body:
            found["body"] = typed or None
        return found

    def _problems(self, asked: EditTargetAsked) -> dict[str, str]:
        if not is_id(asked.target):
            return {"": self.tr("Enter a short name of A–Z a–z 0–9 . _ - as its id.")}
        if asked.added and not asked.values.get("name"):
            asked = replace(asked, values={**asked.values, "name": None})
        try:
            changed_target(self.console.settings().notifications, asked)
        except ConfigError as error:
            return told_by_field(error)
        return {}

    # --- building ----------------------------------------------------------------------------

    def _show(self) -> None:
        target = self._target
        values = {} if target is None else target.model_dump()
        occasion = target.occasion if target is not None else Occasion()
        self.basic.show_values(_shown(values))
        self.times.show_values(_shown(occasion.model_dump()))
        self.events.choose(occasion.events)
        self.kinds.choose(occasion.kinds)
        if target is not None:
            self.name.setText(target.id)
            self.name.setEnabled(False)
        mail = target if isinstance(target, EmailTarget) else None
        default = EmailTarget.model_fields["subject"].default
        self.subject.setText(mail.subject if mail is not None else default)
        self.body.setPlainText((mail.body if mail is not None else "") or BODY)
        (self.name if target is None else self.basic.editor("name")).setFocus()

    def _first(self) -> QWidget:
        head = {self.tr("Id"): self.name}
        secrets: dict[str, QLineEdit] = {}
        if self._kind is TargetKind.EMAIL:
            secrets[self.tr("Password")] = self.secret
        elif self._kind is TargetKind.WEBHOOK:
            secrets[self.tr("Signature key")] = self.secret
            secrets[self.tr("Token")] = self.token
        captions = [*target_captions(self._kind).values(), *secrets]
        width = max(self.fontMetrics().horizontalAdvance(text) for text in captions)
        return stacked(_rows(head, width), self.basic, _rows(secrets, width))

    def _second(self) -> QWidget:
        parts: list[QWidget] = [self.times]
        if self._kind is not TargetKind.RELAY:
            parts += [_caption(self.tr("What is told")), self.events]
        parts += [_caption(self.tr("Kinds of alarms; none ticked: all")), self.kinds]
        return stacked(*parts)

    def _texts(self) -> QWidget:
        self.subject.setAccessibleName(self.tr("Subject"))
        self.body.setAccessibleName(self.tr("Text"))
        self.body.setTabChangesFocus(True)
        self.body.setMinimumHeight(240)  # px; the usual text without scrolling
        names = ", ".join(f"${name}" for name in NAMES)
        hint = _caption(self.tr("These names are replaced: {0}.").format(names))
        return stacked(
            _caption(self.tr("Subject")), self.subject, _caption(self.tr("Text")), self.body, hint
        )

    def _secret(self) -> QLineEdit:
        line = QLineEdit()
        line.setEchoMode(QLineEdit.EchoMode.Password)
        line.setPlaceholderText(self.tr("empty: as it is"))
        return line


def _typed(changes: dict[str, object]) -> dict[str, object]:
    """Lists out of the texts that people typed."""
    return {name: _listed(name, value) for name, value in changes.items()}


def _listed(name: str, value: object) -> object:
    separator = _SEPARATORS.get(name)
    if separator is None or not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(separator) if part.strip())


def _shown(values: dict[str, object]) -> dict[str, object]:
    """Texts that people can edit, out of lists."""
    texts = dict(values)
    for name, separator in _SEPARATORS.items():
        found = texts.get(name, ())
        if isinstance(found, tuple):
            texts[name] = f"{separator} ".join(str(part) for part in found)
    return texts


def _rows(fields: dict[str, QLineEdit], width: int) -> QWidget:
    """Fields beside captions that are `width` px wide, as those of the form around them."""
    whole = QWidget()
    form = QFormLayout(whole)
    form.setContentsMargins(0, 0, 0, 0)
    form.setSpacing(8)
    for caption, field in fields.items():
        field.setAccessibleName(caption)
        label = QLabel(caption)
        label.setMinimumWidth(width)
        form.addRow(label, field)
    whole.setVisible(bool(fields))
    return whole


def _caption(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("role", "muted")
    return label
