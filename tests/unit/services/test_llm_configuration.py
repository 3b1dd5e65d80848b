"""Changes of the language model: saved whole or not at all, the key apart from the file."""

import pytest

from embereye.config.incident_options import Incidents, LanguageModel
from embereye.config.load import Layers
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.errors import ConfigError
from embereye.model.incident_messages import EditLanguageModelAsked
from embereye.model.messages import RequestRefused
from embereye.services.access import Access
from embereye.services.configuration import Configuration
from embereye.services.llm_configuration import SUBJECT, LlmConfiguration
from embereye.services.llm_setup import KEY

SECRET = "n0t-for-logs"


class Desk:
    def __init__(self, folder, role="administrator"):
        self.file = folder / "settings.toml"
        self.store = SettingsStore(Layers(self.file, environment={}))
        self.store.save({"incidents": Incidents(window=40.0), "role": role}, 0)
        self.secrets = FileSecrets(folder)
        self.audited = []
        access = Access(lambda: self.store.current)
        part = LlmConfiguration(self.store, self.secrets, access, self._audit)
        self._do = part.doers[EditLanguageModelAsked]

    def ask(self, key=None, **values):
        self._do(EditLanguageModelAsked(values, "alice", key))

    @property
    def section(self):
        return self.store.current.incidents.language_model

    def _audit(self, subject, actor, text):
        self.audited.append(f"{subject} {actor} {text}")


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_changes_are_saved_beside_the_other_options_of_incidents(desk):
    desk.ask(url="http://127.0.0.1:8091", read_timeout="300")
    assert (desk.section.url, desk.section.read_timeout) == ("http://127.0.0.1:8091", 300.0)
    assert desk.store.current.incidents.window == 40.0


def test_an_empty_address_switches_it_off(desk):
    desk.ask(url="http://127.0.0.1:8091")
    desk.ask(url=None)
    assert desk.section.url == ""


def test_the_key_goes_to_the_secret_store_and_nowhere_else(desk):
    desk.ask(key=SECRET, url="http://127.0.0.1:8091")
    assert desk.secrets.read(KEY) == SECRET
    assert SECRET not in desk.file.read_text()
    assert desk.audited == ["language model alice settings changed: url, API key"]
    assert SECRET not in repr(EditLanguageModelAsked({}, "alice", SECRET))
    desk.ask(key="")
    assert desk.secrets.read(KEY) is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"url": "http://user:pw@ai-host"}, "url"),
        ({"url": "ftp://ai-host"}, "url"),
        ({"url": "http://ai-host", "require_https": True}, "url"),
        ({"read_timeout": "29"}, "read_timeout"),
        ({"read_timeout": "601"}, "read_timeout"),
        ({"health_timeout": "soon"}, "health_timeout"),
        ({"speed": 1}, "speed"),
    ],
)
def test_wrong_values_are_told_by_field_and_change_nothing(desk, values, field):
    with pytest.raises(ConfigError) as error:
        desk.ask(key=SECRET, **values)
    assert [text.split(":")[0] for text in error.value.problems] == [field]
    assert desk.section == LanguageModel()
    assert desk.secrets.read(KEY) is None


def test_only_an_administrator_sets_it_up(tmp_path):
    desk = Desk(tmp_path, role="supervisor")
    with pytest.raises(ConfigError, match="administrator"):
        desk.ask(key=SECRET, url="http://127.0.0.1:8091")
    assert desk.section == LanguageModel()
    assert desk.secrets.read(KEY) is None


def test_a_refusal_names_what_it_is_about(desk):
    published = []
    service = Configuration(desk.store, desk.secrets, lambda _: None, published.append)
    assert EditLanguageModelAsked in service.requests
    service._refuse(EditLanguageModelAsked({}, "alice"), "no")
    assert published == [RequestRefused("no", "alice", SUBJECT)]
