"""Makes alarms heard, and says so when they cannot be."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from embereye.model.messages import SoundChanged
from embereye.rules import annunciation
from embereye.rules.annunciation import Sound
from embereye.ui.console import Console
from embereye.ui.sound_child import Heard, Proved
from embereye.ui.sound_output import SoundOutput
from embereye.ui.tones import rule_tones

_PERIOD = 200  # ms; a repeat or the end of a silence is late by at most this
_SUPERVISE = 5  # periods between two looks at the sound path: 1 s, promised are 5 s


class Sounds(QObject):
    """Plays what `rules.annunciation` decides, and supervises the sound path. GUI thread.

    Call `refresh` when alarms changed; a start then needs no timer.

    Signals:
        problem_changed: (str) why no sound can be heard; empty: it works (again)
        started: (Sound) a sound was ordered just now
        heard: (Heard or Proved) what the sound process confirms
    """

    problem_changed = Signal(str)
    started = Signal(object)
    heard = Signal(object)

    def __init__(self, console: Console, output: SoundOutput) -> None:
        super().__init__()
        self._console = console
        self._output = output
        self._playing: Sound | None = None
        self._started = 0.0
        self._problem: str | None = None
        self._ticks = 0
        output.when_changed(self._device_changed)
        output.when_heard(self._confirmed)
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    @property
    def problem(self) -> str:
        """Why no sound can be heard, empty while it works."""
        return self._problem or ""

    @property
    def playing(self) -> Sound | None:
        """What was ordered last; None: quiet."""
        return self._playing

    def prove(self) -> None:
        """Ask the sound process whether it could be heard; `heard` tells."""
        self._output.prove()

    @Slot()
    def refresh(self) -> None:
        """Start, keep or stop what the present alarms call for."""
        now = self._console.clock.mono()
        tones = rule_tones(self._console.settings())
        wanted = annunciation.sound(self._console.alarms(), now, tones)
        playing = self._playing
        if wanted is not None and annunciation.starts(wanted, playing, self._started, now):
            self._output.play(wanted.tone.value, endless=wanted.repeat == 0.0)
            self._playing, self._started = wanted, now
            self.started.emit(wanted)
        elif playing is not None and (wanted is None or wanted.tone is not playing.tone):
            self._output.stop()
            self._playing = wanted

    def supervise(self) -> None:
        """Look at the sound path and tell everybody when it changed."""
        problem = self._output.problem()
        if problem is not None and problem != self._problem:
            self._problem = problem
            text = problem or self.tr("Sound works.")
            self._console.ask(SoundChanged(not problem, text, self._console.clock.now()))
            self.problem_changed.emit(problem)

    def close(self) -> None:
        """Be quiet for good."""
        self._timer.stop()
        self._output.close()

    @Slot()
    def _tick(self) -> None:
        self.refresh()
        if self._ticks % _SUPERVISE == 0:
            self.supervise()
        self._ticks += 1

    @Slot(object)
    def _confirmed(self, word: Heard | Proved) -> None:
        self.heard.emit(word)

    def _device_changed(self) -> None:
        self._playing = None  # what played is gone with the device: start it anew
        self.supervise()
        self.refresh()
