"""Changes of targets: saved whole or not at all, by whoever may, secrets apart from the file."""

from pathlib import Path

import pytest

from embereye.config.load import Layers
from embereye.config.schema import AlarmRule
from embereye.config.secrets import FileSecrets
from embereye.config.store import SettingsStore
from embereye.model.errors import ConfigError
from embereye.model.notice import (
    BlockRelaysAsked,
    EditTargetAsked,
    RemoveTargetAsked,
    TargetKind,
)
from embereye.services.access import Access
from embereye.services.notify_check import notice_warnings
from embereye.services.notify_configuration import NotifyConfiguration
from embereye.services.notify_targets import secret_name, token_name

SECRET = "n0t-for-logs"
MAIL, HOOK, RELAY = TargetKind.EMAIL, TargetKind.WEBHOOK, TargetKind.RELAY


class Desk:
    def __init__(self, folder: Path) -> None:
        self.file = folder / "settings.toml"
        self.store = SettingsStore(Layers(self.file, environment={}))
        self.secrets = FileSecrets(folder)
        self.audited: list[str] = []
        access = Access(lambda: self.store.current)
        self._part = NotifyConfiguration(self.store, self.secrets, access, self._audit)

    def do(self, request: object) -> None:
        self._part.doers[type(request)](request)

    def edit(self, kind, target, added=True, secret=None, token=None, **values):
        named = {k.replace("__", "."): v for k, v in values.items()}
        self.do(EditTargetAsked(kind, target, named, "alice", secret, token, added))

    @property
    def section(self):
        return self.store.current.notifications

    def warnings(self):
        return notice_warnings(self.store.current, self.secrets.read)

    def _audit(self, subject: str, actor: str, text: str) -> None:
        self.audited.append(f"{subject} {actor} {text}")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_target_is_added_changed_and_removed(desk):
    desk.edit(MAIL, "guard", name="Guard", host="mail.example", occasion__priority="low")
    desk.edit(MAIL, "guard", added=False, port="465", occasion__tests=True)
    (mail,) = desk.section.emails
    assert (mail.host, mail.port, mail.name) == ("mail.example", 465, "Guard")
    assert (mail.occasion.priority, mail.occasion.tests) == ("low", True)
    desk.edit(MAIL, "guard", added=False, occasion__priority=None)
    assert desk.section.emails[0].occasion.priority == "high"
    desk.do(RemoveTargetAsked("guard", "alice"))
    assert desk.section.emails == ()


def test_secrets_go_to_the_secret_store_and_nowhere_else(desk):
    desk.edit(HOOK, "hook", name="Hook", secret=SECRET, token=SECRET + "2")
    assert desk.secrets.read(secret_name("hook")) == SECRET
    assert desk.secrets.read(token_name("hook")) == SECRET + "2"
    asked = EditTargetAsked(HOOK, "hook", {}, "alice", SECRET, SECRET)
    assert SECRET not in desk.file.read_text() + repr(asked) + "".join(desk.audited)
    desk.do(RemoveTargetAsked("hook", "alice"))
    assert desk.secrets.read(secret_name("hook")) is None
    assert desk.secrets.read(token_name("hook")) is None


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        (MAIL, {"recipients": ("nobody",)}, "recipients"),
        (MAIL, {"port": "no"}, "port"),
        (MAIL, {"body": "$secret"}, "body"),
        (MAIL, {"occasion__quiet_from": "22:00"}, "occasion"),
        (HOOK, {"url": "http://10.1.2.3/x"}, "url"),
        (HOOK, {"url": "ftp://h/x"}, "url"),
        (HOOK, {"url": "https://user:pass@h/x"}, "url"),
        (RELAY, {"on": "xyz"}, "on"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_saved(desk, kind, values, field):
    with pytest.raises(ConfigError) as caught:
        desk.edit(kind, "t", name="T", secret=SECRET, **values)
    assert any(problem.startswith(field) for problem in caught.value.problems)
    assert "pass" not in "".join(caught.value.problems).replace("password", "")
    assert desk.section.targets == ()
    assert desk.secrets.read(secret_name("t")) is None


def test_plain_http_to_this_machine_is_fine_and_to_others_when_it_is_allowed(desk):
    desk.edit(HOOK, "own", name="Own", url="http://127.0.0.1:8080/x")
    desk.edit(HOOK, "far", name="Far", url="http://10.1.2.3/x", allow_http=True)
    assert [w for w in desk.warnings() if "readable" in w and w.startswith("far")]
    assert not [w for w in desk.warnings() if "readable" in w and w.startswith("own")]


def test_an_id_cannot_be_taken_twice(desk):
    desk.edit(MAIL, "x", name="X")
    with pytest.raises(ConfigError):
        desk.edit(HOOK, "x", name="Y")
    with pytest.raises(ConfigError):
        desk.edit(HOOK, "x", name="Y", added=False)
    with pytest.raises(ConfigError):
        desk.edit(MAIL, "gone", name="Y", added=False)


@pytest.mark.parametrize("role", ["viewer", "operator", "supervisor"])
def test_only_an_administrator_changes_targets(desk, role):
    desk.store.save({"role": role}, 0)
    with pytest.raises(ConfigError, match="administrator"):
        desk.edit(MAIL, "x", name="X", secret=SECRET)
    with pytest.raises(ConfigError, match="administrator"):
        desk.do(RemoveTargetAsked("x", "alice"))
    assert desk.secrets.read(secret_name("x")) is None


@pytest.mark.parametrize(("role", "allowed"), [("operator", False), ("supervisor", True)])
def test_relays_are_blocked_by_whoever_may_switch_them(desk, role, allowed):
    desk.store.save({"role": role}, 0)
    if allowed:
        desk.do(BlockRelaysAsked(True, "alice"))
    else:
        with pytest.raises(ConfigError):
            desk.do(BlockRelaysAsked(True, "alice"))
    assert desk.section.relays_blocked is allowed


def test_what_is_unwise_is_said(desk):
    desk.edit(MAIL, "empty", name="E")
    desk.edit(MAIL, "nobody", name="N", host="h", sender="a@b.de", user="u")
    desk.edit(
        MAIL, "open", name="O", host="h", sender="a@b.de", recipients=("c@d.de",), security="none"
    )
    desk.edit(HOOK, "hook", name="H", url="https://h/x", token_header="Authorization")
    desk.edit(RELAY, "siren", name="S")
    desk.edit(RELAY, "off", name="O", enabled=False)
    group = {"conditions": [{"input": "label", "label": "person"}]}
    rule = AlarmRule(id="gate", name="G", groups=[group], actions=("off",))
    desk.store.save({"rules": (rule,)}, desk.store.current.revision)
    found = "\n".join(desk.warnings())
    for words in (
        "empty: It has no server",
        "nobody: It has no recipients",
        "nobody: its password is not in the secret store",
        "open: Mail and password travel readable",
        "hook: it has no secret",
        "hook: its token is not in the secret store",
        "siren: It has no port",
        "rule gate: the target off is switched off",
    ):
        assert words in found


def test_good_settings_warn_of_nothing(desk):
    desk.edit(
        MAIL, "m", name="M", host="h", sender="a@b.de", recipients=("c@d.de",), user="u",
        secret=SECRET,
    )  # fmt: skip
    desk.edit(HOOK, "h", name="H", url="https://h/x", secret=SECRET)
    desk.edit(RELAY, "r", name="R", port="/dev/ttyUSB0")
    assert desk.warnings() == []
