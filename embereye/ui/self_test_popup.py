"""The popup and the sound of the self-test, and the proof that both came."""

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from embereye.model.alarm import Alarm, Cause
from embereye.model.daily_test import CAMERA_PLACE, ShownInTest, Stage, in_self_test
from embereye.model.ids import AlarmId
from embereye.rules.alarm_digest import digest
from embereye.rules.annunciation import Tone
from embereye.ui.alarm_popup import AlarmPopup
from embereye.ui.console import Console
from embereye.ui.demands import Demands
from embereye.ui.sound_child import Heard, Proved
from embereye.ui.sounds import Sounds
from embereye.ui.theme import Tokens
from embereye.ui.wishes import Wishes

_MARGIN = 16  # px to the window's edges
_RAIL = 88  # px at the left that belong to the rail


class SelfTestPopup(QObject):
    """Shows the newest alarm of the self-test at the lower left, where no real popup comes.

    GUI thread; `refresh` when alarms changed, after the sounds. It closes by itself. What it
    measured goes to the engine as ShownInTest.

    Attributes:
        popup: The one on the screen; None: there is none.
    """

    def __init__(
        self,
        window: QWidget,
        console: Console,
        demands: Demands,
        colours: Tokens,
        wishes: Wishes,
        sounds: Sounds,
    ) -> None:
        super().__init__(window)
        self._window, self._console, self._demands = window, console, demands
        self._colours, self._wishes, self._sounds = colours, wishes, sounds
        self.popup: AlarmPopup | None = None
        self._newest: AlarmId | None = None
        self._painted: set[AlarmId] = set()
        self._listening: AlarmId | None = None  # for the confirmation of its sound
        self._chimes = False
        sounds.heard.connect(self._heard)

    @Slot()
    def refresh(self) -> None:
        """Show what the present alarms call for."""
        tests = [a for a in digest(self._console.alarms().alarms).covered if in_self_test(a)]
        tests = [a for a in tests if a.cause is Cause.ACTIVE]
        if not tests:
            self._close()
            return
        alarm = max(tests, key=lambda one: one.id)
        if alarm.id != self._newest:
            self._close()
            self._newest = alarm.id
            self._open(alarm)
            if alarm.key.place != CAMERA_PLACE:
                self._listen(alarm)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """It is about to be painted: after this turn it is on the screen."""
        if event.type() == QEvent.Type.Paint and watched is self.popup:
            QTimer.singleShot(0, self._tell_painted)
        return super().eventFilter(watched, event)

    def _open(self, alarm: Alarm) -> None:
        if not self._window.isVisible() or self._window.window().isMinimized():
            text = self.tr("The window is minimised: nobody would see a popup.")
            self._tell(alarm.id, Stage.PAINTED, text)
            return
        popup = AlarmPopup(
            self._window, self._console, self._demands, self._colours, self._wishes, alarm
        )
        handling = popup.acknowledge_button, popup.silence_button, popup.shelve_button
        for button in (*handling, popup.list_button):
            button.hide()  # nobody has to do anything: it ends by itself
        popup.closed.connect(self._close)
        popup.compact(True)
        bottom = self._window.height() - _MARGIN - 30  # the status line stays readable
        popup.move(_RAIL + _MARGIN, bottom - popup.height())
        self.popup = popup
        popup.installEventFilter(self)
        popup.show()
        popup.raise_()

    def _listen(self, alarm: Alarm) -> None:
        problem = self._sounds.problem
        if problem:
            self._tell(alarm.id, Stage.SOUNDED, problem)
            return
        self._listening = alarm.id
        playing = self._sounds.playing
        self._chimes = playing is not None and playing.tone is Tone.TEST
        if not self._chimes:
            self._sounds.prove()

    @Slot()
    def _tell_painted(self) -> None:
        if self._newest is not None and self._newest not in self._painted:
            self._painted.add(self._newest)
            self._tell(self._newest, Stage.PAINTED)

    @Slot(object)
    def _heard(self, word: Heard | Proved) -> None:
        alarm = self._listening
        if alarm is None or isinstance(word, Heard) is not self._chimes:
            return
        if isinstance(word, Heard) and word.name != Tone.TEST.value:
            return
        self._listening = None
        problem = word.problem if isinstance(word, Proved) else ""
        text = "" if self._chimes else self.tr("proved without being heard")
        now = self._console.clock.now()
        # The sound process reads the same monotonic clock; the word itself waits for a look.
        at = type(now)(min(word.mono, now.mono), now.utc)
        self._console.ask(ShownInTest(alarm, Stage.SOUNDED, at, problem, text))

    def _tell(self, alarm: AlarmId, stage: Stage, problem: str = "") -> None:
        self._console.ask(ShownInTest(alarm, stage, self._console.clock.now(), problem))

    @Slot()
    def _close(self) -> None:
        popup, self.popup = self.popup, None
        if popup is not None:
            popup.removeEventFilter(self)
            popup.hide()
            popup.deleteLater()
