"""What an operator does to alarms: asks where that is needed, then sends the wish."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from embereye.model.alarm import Alarm, AlarmKind, AlarmState, Overlay, Scope
from embereye.ui.alarm_dialogs import (
    AssigneeDialog,
    CommentDialog,
    QuietDialog,
    QuietFor,
    named,
)
from embereye.ui.alarm_permits import Action, Permits
from embereye.ui.beside import Question, found, show_beside
from embereye.ui.console import Console
from embereye.ui.local_time import seconds_until
from embereye.ui.wishes import Wishes, may_reset

_WITH_SOURCE = (AlarmKind.CAMERA_FAULT, AlarmKind.DEVICE_FAULT, AlarmKind.RULE)


class AlarmActions(QObject):
    """The one way from keys and buttons of the alarm page to wishes. GUI thread.

    What cannot be done is said in words; what changes several alarms asks once, with their number.

    Signals:
        noticed: (str) what was asked, or why nothing was
    """

    noticed = Signal(str)

    def __init__(self, console: Console, wishes: Wishes, window: QWidget) -> None:
        super().__init__(window)
        self._console, self._wishes, self._window = console, wishes, window
        self.permits = Permits(console.settings)

    def do(self, action: Action, alarms: Sequence[Alarm]) -> None:
        """Do this to these alarms, after a dialog where it needs one."""
        obstacle = self.permits.obstacle(action, alarms)
        if obstacle:
            self.noticed.emit(obstacle)
            return
        {
            Action.ACKNOWLEDGE: self.acknowledge,
            Action.SILENCE: self._silence,
            Action.RESET: self._reset,
            Action.SHELVE: self._shelve,
            Action.OUT_OF_SERVICE: self._out_of_service,
            Action.ESCALATE: self._escalate,
            Action.COMMENT: self._comment,
            Action.ASSIGN: self._assign,
        }[action](tuple(alarms))

    def acknowledge(self, alarms: Sequence[Alarm]) -> None:
        """Acknowledge these; several only after a question that says how many."""
        waiting = tuple(alarm for alarm in alarms if alarm.unacknowledged)
        if len(waiting) > 1:
            text = self.tr("Acknowledge {0} alarms: {1}?").format(len(waiting), named(waiting))
            self._ask("acknowledge", text, self.tr("Acknowledge all"), waiting)
        elif waiting:
            self._acknowledge(waiting)
        else:
            self.noticed.emit(self.tr("Select an unacknowledged alarm first."))

    def end(self, overlays: Sequence[Overlay]) -> None:
        """End what keeps alarms quiet, after a question."""
        able = tuple(o for o in overlays if not self.permits.obstacle_to_end(o.kind))
        if not able:
            kinds = [o.kind for o in overlays]
            obstacle = self.permits.obstacle_to_end(kinds[0]) if kinds else ""
            self.noticed.emit(obstacle or self.tr("Select what shall end first."))
            return
        if found(self._window, "end overlay"):
            return
        text = self.tr("End {0} now? Alarms whose cause is present are announced again.")
        what = able[0].kind.value if len(able) == 1 else str(len(able))
        question = Question(
            self.tr("End now"), text.format(what), self.tr("End now"), self._window, able
        )
        question.agreed.connect(self._end)
        show_beside(question, "end overlay")

    # --- what is done at once ----------------------------------------------------------------

    @Slot(object)
    def _acknowledge(self, alarms: tuple[Alarm, ...]) -> None:
        now = {alarm.id: alarm for alarm in self._console.alarms().alarms}
        count = self._wishes.acknowledge(now[a.id] for a in alarms if a.id in now)
        if count > 1:
            self.noticed.emit(self.tr("Acknowledging {0} alarms.").format(count))

    @Slot(object)
    def _end(self, overlays: tuple[Overlay, ...]) -> None:
        for overlay in dict.fromkeys(overlays):
            self._wishes.end_overlay(overlay)

    def _silence(self, _alarms: tuple[Alarm, ...]) -> None:
        self._wishes.silence()

    def _reset(self, alarms: tuple[Alarm, ...]) -> None:
        able = tuple(alarm for alarm in alarms if may_reset(alarm))
        if len(able) > 1:
            text = self.tr("Reset {0} alarms: {1}?").format(len(able), named(able))
            self._ask("reset", text, self.tr("Reset all"), able)
        else:
            self._reset_all(able)

    @Slot(object)
    def _reset_all(self, alarms: tuple[Alarm, ...]) -> None:
        for alarm in alarms:
            self._wishes.reset(alarm)

    def _escalate(self, alarms: tuple[Alarm, ...]) -> None:
        calling = tuple(alarm for alarm in alarms if alarm.calling)
        if len(calling) > 1:
            text = self.tr("Escalate {0} alarms: {1}?").format(len(calling), named(calling))
            self._ask("escalate", text, self.tr("Escalate all"), calling)
        else:
            self._escalate_all(calling)

    @Slot(object)
    def _escalate_all(self, alarms: tuple[Alarm, ...]) -> None:
        self._wishes.escalate(alarms)

    def _ask(self, name: str, text: str, verb: str, alarms: tuple[Alarm, ...]) -> None:
        if found(self._window, name):
            return
        question = Question(verb, text, verb, self._window, alarms)
        question.agreed.connect(
            {
                "acknowledge": self._acknowledge,
                "reset": self._reset_all,
                "escalate": self._escalate_all,
            }[name]
        )
        show_beside(question, name)

    # --- what needs a dialog -----------------------------------------------------------------

    def _shelve(self, alarms: tuple[Alarm, ...]) -> None:
        open_ones = tuple(a for a in alarms if a.state is not AlarmState.NORMAL)
        intro = self.tr(
            "{0} is kept quiet: it neither flashes nor sounds. It stays listed under Shelved, and "
            "it is announced again when the time is over and the cause is still present."
        ).format(named(open_ones))
        dialog = QuietDialog(
            self.tr("Shelve – {0}").format(named(open_ones)),
            intro,
            self._span(),
            lambda seconds, reason: self._wishes.shelve(open_ones, seconds, reason),
            self._window,
        )
        self._show(dialog, "shelve")

    def _out_of_service(self, alarms: tuple[Alarm, ...]) -> None:
        scopes = tuple(dict.fromkeys(_scope(alarm) for alarm in alarms))
        intro = self.tr(
            "Present and new alarms of this kind are kept quiet there: {0}. They stay listed under "
            "Shelved, count as disabled, and are announced again when the time is over."
        ).format(named(alarms))
        dialog = QuietDialog(
            self.tr("Out of service – {0}").format(named(alarms)),
            intro,
            self._span(),
            lambda seconds, reason: self._wishes.take_out_of_service(scopes, seconds, reason),
            self._window,
        )
        self._show(dialog, "out of service")

    def _comment(self, alarms: tuple[Alarm, ...]) -> None:
        dialog = CommentDialog(
            alarms, lambda text: self._wishes.comment(alarms, text), self._window
        )
        self._show(dialog, "comment")

    def _assign(self, alarms: tuple[Alarm, ...]) -> None:
        known = (a.assigned_to for a in self._console.alarms().alarms if a.assigned_to)
        people = dict.fromkeys((self._wishes.actor, *known))
        dialog = AssigneeDialog(
            alarms,
            tuple(people),
            lambda to: self._wishes.assign_alarms(alarms, to),
            self._window,
        )
        self._show(dialog, "assign")

    def _show(self, dialog: QuietDialog | CommentDialog | AssigneeDialog, name: str) -> None:
        """One dialog of a kind: what was typed in the first must not be lost to the second."""
        if found(self._window, name):
            dialog.deleteLater()
            self.noticed.emit(self.tr("Finish the dialog that is open first."))
        else:
            show_beside(dialog, name)

    def _span(self) -> QuietFor:
        section = self._console.settings().alarms
        now = self._console.clock.now().utc
        return QuietFor(
            min(section.shelve, section.shelve_most),
            section.shelve_most,
            seconds_until(section.shift_changes, now),
        )


def _scope(alarm: Alarm) -> Scope:
    """What of a place is taken out of service: its alarms of one kind; of faults and rules only
    those of the same source.
    """
    source = alarm.key.source if alarm.key.kind in _WITH_SOURCE else None
    return Scope(alarm.key.place, alarm.key.kind, source)
