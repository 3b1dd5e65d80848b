"""Speaks with Qt's engine where there is one, else with a program of the system."""

from multiprocessing.connection import Connection

from PySide6.QtCore import QCoreApplication, QObject, QProcess, QStandardPaths, QTimer, Slot
from PySide6.QtTextToSpeech import QTextToSpeech

from embereye.ui.speech_child import Said, Say

# Programs that read a sentence from their input: no text becomes an argument.
_PROGRAMS = (("espeak-ng", ("--stdin",)), ("say", ("-f", "-")))
_DEADLINE = 15_000  # ms; the longest sentence takes 8 s
_MOCK = "mock"  # an engine of Qt's own tests, silent


class Speaker(QObject):
    """Says one sentence at a time; a later one waits at the console. Main thread of the child."""

    def __init__(self, pipe: Connection) -> None:
        super().__init__()
        self._pipe = pipe
        self._engine = self._qt_engine()
        self._program: QProcess | None = None
        self._busy = False
        self._deadline = QTimer(self)
        self._deadline.setSingleShot(True)
        self._deadline.setInterval(_DEADLINE)
        self._deadline.timeout.connect(self._late)

    @Slot(object)
    def obey(self, command: Say) -> None:
        """Speak; tell when it is over."""
        self._busy = True
        self._deadline.start()
        if self._engine is not None:
            self._engine.say(command.text)
        else:
            self._run(command.text)

    def stop(self) -> None:
        """Be quiet and leave no program behind."""
        if self._engine is not None:
            self._engine.stop()
        if self._program is not None:
            self._program.kill()
            self._program.waitForFinished(1000)

    def _qt_engine(self) -> QTextToSpeech | None:
        for name in QTextToSpeech.availableEngines():
            if name == _MOCK:
                continue
            engine = QTextToSpeech(name, self)
            if engine.state() is not QTextToSpeech.State.Error:
                engine.stateChanged.connect(self._state_changed)
                return engine
            engine.deleteLater()
        return None

    @Slot(QTextToSpeech.State)
    def _state_changed(self, state: QTextToSpeech.State) -> None:
        if state is QTextToSpeech.State.Ready:
            self._over("")
        elif state is QTextToSpeech.State.Error and self._engine is not None:
            self._over(self._engine.errorString())
            self._engine = None  # the next sentence goes to a program

    def _run(self, text: str) -> None:
        for name, arguments in _PROGRAMS:
            path = QStandardPaths.findExecutable(name)
            if path:
                self._program = QProcess(self)
                self._program.finished.connect(self._finished)
                self._program.start(path, list(arguments))
                self._program.write(text.encode())
                self._program.closeWriteChannel()
                return
        self._over(self.tr("There is no speech engine. Install espeak-ng, or switch speech off."))

    @Slot(int, QProcess.ExitStatus)
    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        good = code == 0 and status is QProcess.ExitStatus.NormalExit
        self._over(
            "" if good else self.tr("The speech program failed (exit code {0}).").format(code)
        )

    @Slot()
    def _late(self) -> None:
        self.stop()
        self._over(self.tr("The speech engine takes too long."))

    def _over(self, problem: str) -> None:
        if not self._busy:
            return
        self._busy = False
        self._deadline.stop()
        if self._program is not None:
            self._program.deleteLater()
            self._program = None
        try:
            self._pipe.send(Said(problem))
        except (OSError, ValueError):
            QCoreApplication.quit()
