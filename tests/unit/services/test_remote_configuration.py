"""Changes of the remote detector: saved whole or not at all, the key apart from the file."""

from pathlib import Path

import pytest

from embereye.config.load import Layers
from embereye.config.schema import Detection, RemoteDetector
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.errors import ConfigError
from embereye.model.messages import RequestRefused
from embereye.model.remote import EditRemoteDetectorAsked
from embereye.services.configuration import Configuration
from embereye.services.remote_configuration import SUBJECT, RemoteConfiguration, changed_remote
from embereye.services.remote_setup import KEY

SECRET = "n0t-for-logs"


class Desk:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "settings.toml"
        self.store = SettingsStore(Layers(self.file, environment={}))
        self.store.save({"detection": Detection(rate=5.0)}, 0)
        self.secrets = FileSecrets(folder)
        self.audited: list[str] = []
        part = RemoteConfiguration(self.store, self.secrets, self._audit)
        self._do = part.doers[EditRemoteDetectorAsked]

    def ask(self, key: str | None = None, **values: object) -> None:
        self._do(EditRemoteDetectorAsked(values, "alice", key))

    @property
    def section(self) -> RemoteDetector:
        return self.store.current.detection.remote

    def _audit(self, subject: str, actor: str, text: str) -> None:
        self.audited.append(f"{subject} {actor} {text}")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_changes_are_saved_beside_the_other_options_of_detection(desk):
    desk.ask(enabled=True, url="https://ai-host:8090", connect_timeout="30")
    assert (desk.section.url, desk.section.connect_timeout) == ("https://ai-host:8090", 30.0)
    assert desk.store.current.detection.rate == 5.0


def test_an_empty_field_goes_back_to_the_default(desk):
    desk.ask(connect_timeout="30")
    desk.ask(connect_timeout=None)
    assert desk.section.connect_timeout == 10.0


def test_the_key_goes_to_the_secret_store_and_nowhere_else(desk):
    desk.ask(key=SECRET, enabled=True)
    assert desk.secrets.read(KEY) == SECRET
    assert SECRET not in desk.file.read_text()
    assert desk.audited == ["remote detector alice settings changed: enabled, API key"]
    assert SECRET not in repr(EditRemoteDetectorAsked({}, "alice", SECRET))


def test_a_key_can_be_taken_away(desk):
    desk.ask(key=SECRET)
    desk.ask(key="")
    assert desk.secrets.read(KEY) is None


def test_a_key_alone_is_seen_as_a_change(desk):
    before = desk.store.current.revision
    desk.ask(key=SECRET)
    assert desk.store.current.revision == before + 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"url": "http://user:pw@ai-host"}, "url"),
        ({"url": "http://ai-host", "require_https": True}, "url"),
        ({"read_timeout": "301"}, "read_timeout"),
        ({"connect_timeout": "soon"}, "connect_timeout"),
        ({"speed": 1}, "speed"),
    ],
)
def test_wrong_values_are_told_by_field_and_change_nothing(desk, values, field):
    with pytest.raises(ConfigError) as error:
        desk.ask(key=SECRET, **values)
    assert [text.split(":")[0] for text in error.value.problems] == [field]
    assert desk.section == RemoteDetector()
    assert desk.secrets.read(KEY) is None


def test_doing_it_again_changes_nothing():
    values = {"enabled": True, "period": "2.5"}
    once = changed_remote(RemoteDetector(), values)
    assert changed_remote(once, values) == once


def test_a_refusal_names_what_it_is_about(tmp_path):
    desk, published = Desk(tmp_path), []
    service = Configuration(desk.store, desk.secrets, lambda _: None, published.append)
    assert EditRemoteDetectorAsked in service.requests
    service._refuse(EditRemoteDetectorAsked({}, "alice"), "no")
    assert published == [RequestRefused("no", "alice", SUBJECT)]
