"""What people ask about firmware and what waits for the disk: trusting, importing, reading."""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event

from embereye.ingest.firmware import FirmwareLibrary
from embereye.model.errors import EmberEyeError
from embereye.model.firmware import (
    FirmwareImage,
    ImageRead,
    ImportFirmwareAsked,
    RolloutAsked,
    TrustMakerAsked,
)
from embereye.model.messages import RequestRefused, SecurityEvent, TableChanged
from embereye.model.security import SecurityKind
from embereye.runtime.clock import Clock
from embereye.runtime.mailbox import Full, Mailbox

_log = logging.getLogger(__name__)

_WAITING = 20  # requests; people make them, one at a time

Answer = Callable[[str], None]  # what went wrong, "" when nothing did


class FirmwareDesk:
    """Works off requests in a thread of its own, since disks and USB sticks are slow.

    Publishes `TableChanged("firmware")` and refusals; posts `ImageRead` and events to the engine.

    Attributes:
        images: What may be rolled out, oldest first; replaced as a whole, any thread.
    """

    requests = (TrustMakerAsked, ImportFirmwareAsked, RolloutAsked)

    def __init__(
        self,
        library: FirmwareLibrary,
        clock: Clock,
        post: Callable[[object], None],
        publish: Callable[[object], None],
    ) -> None:
        self.images: tuple[FirmwareImage, ...] = ()
        self._library = library
        self._clock = clock
        self._post = post
        self._publish = publish
        self._asked: Mailbox[tuple[object, Answer | None]] = Mailbox(_WAITING, Full.REFUSE)

    def ask(self, request: object, answer: Answer | None = None) -> None:
        """Queue a request; any thread.

        `answer` is called once, in the desk's thread or at once, instead of publishing a refusal.
        """
        if not self._asked.put((request, answer)):
            text = "Too many firmware requests are waiting: try again in a moment."
            self._refuse(request, text, answer)

    def go_on(self, version: str) -> None:
        """Read the image of a roll-out that the last run began; any thread."""
        self.ask(RolloutAsked(version, ""))

    def run(self, stop: Event) -> None:
        """Work off requests until stopped."""
        self._note_images()
        while not stop.is_set():
            for request, answer in self._asked.take_all(0.25):
                try:
                    self._do(request)
                except EmberEyeError as error:
                    self._refuse(request, str(error), answer)
                else:
                    if answer is not None:
                        answer("")

    def _do(self, request: object) -> None:
        if isinstance(request, TrustMakerAsked):
            keys = self._library.trust(Path(request.path))
            short = ", ".join(key[:8] for key in keys)
            self._tell(f"{request.actor} trusts the firmware maker with the keys {short}.")
        elif isinstance(request, ImportFirmwareAsked):
            images = self._library.take(Path(request.path))
            versions = ", ".join(image.version for image in images) or "no image"
            self._note_images()
            self._tell(f"{request.actor} imported firmware: {versions}.")
        elif isinstance(request, RolloutAsked):
            image = self._library.read(request.version)
            self._post(ImageRead(request.version, image, request.actor))

    def _note_images(self) -> None:
        self.images = self._library.images()
        self._publish(TableChanged("firmware", self._clock.now()))

    def _tell(self, text: str) -> None:
        now = self._clock.now()
        self._post(SecurityEvent("firmware", text, now, SecurityKind.FIRMWARE))

    def _refuse(self, request: object, text: str, answer: Answer | None) -> None:
        _log.warning("%s refused: %s", type(request).__name__, text)
        event = SecurityEvent("firmware", text, self._clock.now(), SecurityKind.FIRMWARE)
        self._post(event)
        if answer is not None:
            answer(text)
        else:
            self._publish(RequestRefused(text, getattr(request, "actor", ""), "firmware"))
