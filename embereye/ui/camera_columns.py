"""The columns of the list of cameras."""

from collections.abc import Callable, Mapping
from operator import attrgetter

from PySide6.QtCore import QObject

from embereye.model.camera import CameraStatus
from embereye.model.camera_clock import ClockTable
from embereye.model.camera_figures import CameraPast
from embereye.model.ids import CameraId
from embereye.ui import camera_words, words
from embereye.ui.camera_console import FiguresConsole
from embereye.ui.rows import Field
from embereye.ui.theme import Tokens

ALSO_IN_DETAILS = (2, 8, 9, 10)  # since, detection, picture and source


class CameraColumns(QObject):
    """Texts and sort keys of one refresh. GUI thread."""

    def __init__(self, console: FiguresConsole, colours: Tokens, parent: QObject) -> None:
        super().__init__(parent)
        self._console = console
        self._colours = colours
        self._pasts: Mapping[CameraId, CameraPast] = {}
        self._clocks = ClockTable()

    def renew(self) -> None:
        """Take the present snapshots: all cells of one refresh show the same ones."""
        self._pasts = self._console.camera_pasts()
        self._clocks = self._console.camera_clocks()

    def fields(self) -> list[Field[CameraStatus]]:
        """The columns, from left to right."""
        rate, kbps, lag, core = (self._figure(name) for name in ("rate", "kbps", "lag", "core"))
        looks, shown = self._figure("looks"), camera_words
        return [
            Field(self.tr("Name"), lambda c: c.name, 140),
            Field(self.tr("State"), shown.state, 140, colour=self._state_colour),
            Field(self.tr("Since"), self._since, 70, right=True, key=lambda c: -c.since.mono),
            Field(
                self.tr("Rate"),
                lambda c: shown.rate(rate(c)),
                80,
                right=True,
                key=rate,
                tip=self.tr("Pictures for tiles and detection; 0 while nobody looks at the camera"),
            ),
            Field(self.tr("Bit rate"), lambda c: shown.bit_rate(kbps(c)), 100, True, key=kbps),
            Field(
                self.tr("Delay"),
                lambda c: shown.delay(lag(c)),
                66,
                right=True,
                key=lag,
                tip=self.tr("How much later than the quickest one pictures come"),
            ),
            Field(
                self.tr("Reconnects"),
                lambda c: str(self._reconnects(c)),
                92,
                right=True,
                key=self._reconnects,
                tip=self.tr("Since the program started"),
            ),
            Field(
                self.tr("Decoding"),
                lambda c: shown.core(core(c)),
                80,
                right=True,
                key=core,
                tip=self.tr("Share of one processor core for reading, decoding and scaling"),
            ),
            Field(
                self.tr("Detection"),
                lambda c: shown.looks(looks(c)),
                80,
                right=True,
                key=looks,
                tip=self.tr("Pictures that detectors look at; few while nothing moves"),
            ),
            Field(self.tr("Picture"), shown.size, 110, right=True, key=_pixels),
            Field(self.tr("Source"), lambda c: c.source, 240),
            Field(self.tr("Remarks"), self._remark, 0),
        ]

    def _figure(self, name: str) -> Callable[[CameraStatus], float | None]:
        """Reads one of the newest figures of a camera."""
        read = attrgetter(name)

        def figure(camera: CameraStatus) -> float | None:
            past = self._pasts.get(camera.id)
            value: float | None = None if past is None else read(past.newest)
            return value

        return figure

    def _reconnects(self, camera: CameraStatus) -> int:
        past = self._pasts.get(camera.id)
        return camera.counters.reconnects if past is None else past.totals.reconnects

    def _remark(self, camera: CameraStatus) -> str:
        """What is wrong now; a wrong clock only where nothing else is."""
        if camera.detail or camera.remark:
            return camera.detail or camera.remark
        tolerance = self._console.settings().capture.clock_tolerance
        return camera_words.clock_remark(self._clocks.checks.get(camera.id), tolerance)

    def _state_colour(self, camera: CameraStatus) -> str:
        return self._colours.fault if camera_words.is_bad(camera) else ""

    def _since(self, camera: CameraStatus) -> str:
        return words.span(self._console.clock.mono() - camera.since.mono)


def _pixels(camera: CameraStatus) -> int | None:
    return camera.counters.width * camera.counters.height or None
