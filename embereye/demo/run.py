"""Builds the demonstration: the real program on clips and simulated devices."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from embereye.app import Program, Site
from embereye.config.load import DEMO_SETTINGS, Layers
from embereye.config.secrets import FileSecrets, SecretStore
from embereye.config.store import SettingsStore
from embereye.demo.keys import enrolled
from embereye.demo.scenario import Scenario, embedded, recordings
from embereye.ingest.simulate import DeviceSimulator
from embereye.ingest.simulate_device import voice_of
from embereye.model.errors import EmberEyeError
from embereye.runtime.clock import Clock
from embereye.runtime.instance import Ownership
from embereye.runtime.worker import ThreadHost

_log = logging.getLogger(__name__)

_LISTEN_WAIT = 5.0  # s until the sensor port must be open


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person who starts the demonstration wants.

    Attributes:
        folder: Data directory; None: a temporary one, removed at the end.
        media: Folder of video files that replace the embedded clips.
        session: Recorded byte stream of a device, added to the simulated ones.
    """

    folder: Path | None = None
    media: Path | None = None
    session: Path | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A demonstration that was built.

    Attributes:
        raised: Set when somebody started a second one on the same folder.
    """

    program: Program
    scenario: Scenario
    folder: Path
    raised: Event


@contextmanager
def staged(wish: Wish, threads: ThreadHost, clock: Clock) -> Iterator[Stage]:
    """The demonstration, running until the block is left."""
    scenario = recordings(wish.media, wish.session) if wish.media else embedded(wish.session)
    for device in scenario.simulated:
        if device.scenario.startswith("replay:"):
            voice_of(device)  # a file that cannot be played is told now, not by a dead worker
    with ExitStack() as stack:
        folder = wish.folder or Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="embereye-demo-", ignore_cleanup_errors=True)
            )
        )
        raised = Event()
        owner = Ownership(folder, raised.set)
        stack.callback(owner.release)
        store, secrets = _settings(folder, scenario), FileSecrets(folder)
        program = Program(Site(folder, store, secrets, threads, clock, (scenario.folder,)))
        owner.on_request = program.devices.answer
        stack.callback(program.stop)
        program.start()
        program.supervise("owner", owner)
        program.supervise("simulator", _Players(program, scenario, secrets, clock))
        yield Stage(program, scenario, folder, raised)


def _settings(folder: Path, scenario: Scenario) -> SettingsStore:
    """The demonstration's own settings file: those of a real installation stay untouched."""
    store = SettingsStore(Layers(folder / DEMO_SETTINGS, environment={}))
    store.save(scenario.settings, store.current.revision)
    return store


class _Players:
    """The simulated devices, enrolled and started when the listener has its port."""

    def __init__(
        self, program: Program, scenario: Scenario, secrets: SecretStore, clock: Clock
    ) -> None:
        self._program = program
        self._scenario = scenario
        self._secrets = secrets
        self._clock = clock

    def run(self, stop: Event) -> None:
        parts = self._program.devices
        server = parts.server
        if not server.listening.wait(_LISTEN_WAIT) or server.port is None:
            raise EmberEyeError("The sensor port did not open; the simulated devices wait.")
        devices = [
            enrolled(device, parts.enrolment, self._secrets)
            if device.ident in self._scenario.authenticated
            else device
            for device in self._scenario.simulated
        ]
        DeviceSimulator("127.0.0.1", server.port, devices, self._clock).run(stop)
