"""Changes of what notices are sent with, that people ask for."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from embereye.config.load import problems_of
from embereye.config.notify_options import EmailTarget, Notifications, RelayTarget, WebhookTarget
from embereye.config.secrets import SecretStore
from embereye.config.store import SettingsStore
from embereye.model.errors import ConfigError
from embereye.model.notice import (
    BlockRelaysAsked,
    EditTargetAsked,
    RemoveTargetAsked,
    TargetKind,
)
from embereye.model.role import Operation
from embereye.services.access import Access
from embereye.services.device_configuration import Audit
from embereye.services.notify_targets import hook_url, secret_name, token_name
from embereye.services.section_change import keep_secret

SUBJECT = "notifications"  # how a refusal names them, followed by ":" and the id of the target

Target = EmailTarget | WebhookTarget | RelayTarget
MODELS: Mapping[TargetKind, type[EmailTarget] | type[WebhookTarget] | type[RelayTarget]] = {
    TargetKind.EMAIL: EmailTarget,
    TargetKind.WEBHOOK: WebhookTarget,
    TargetKind.RELAY: RelayTarget,
}
_LISTS = {
    TargetKind.EMAIL: "emails",
    TargetKind.WEBHOOK: "webhooks",
    TargetKind.RELAY: "relays",
}
_OCCASION = "occasion."


class NotifyConfiguration:
    """Saves what was asked, whole or not at all. The thread of `Configuration`.

    Secrets go to the secret store only; the audit says that there are others.
    """

    def __init__(
        self, store: SettingsStore, secrets: SecretStore, access: Access, audit: Audit
    ) -> None:
        self._store, self._secrets = store, secrets
        self._access, self._audit = access, audit

    @property
    def doers(self) -> dict[type, Callable[..., None]]:
        """What handles which request."""
        return {
            EditTargetAsked: self._edit,
            RemoveTargetAsked: self._remove,
            BlockRelaysAsked: self._block,
        }

    def _edit(self, asked: EditTargetAsked) -> None:
        self._check(asked.actor, Operation.EDIT_NOTIFICATIONS)
        settings = self._store.current
        target = changed_target(settings.notifications, asked)
        section = with_target(settings.notifications, asked.kind, target)
        keep_secret(self._secrets, secret_name(target.id), asked.secret)
        keep_secret(self._secrets, token_name(target.id), asked.token)
        self._store.save({"notifications": section}, settings.revision)
        names = sorted(asked.values)
        names += [n for n, s in (("secret", asked.secret), ("token", asked.token)) if s is not None]
        self._audit(f"target {target.id}", asked.actor, f"settings changed: {', '.join(names)}")

    def _remove(self, asked: RemoveTargetAsked) -> None:
        self._check(asked.actor, Operation.EDIT_NOTIFICATIONS)
        settings = self._store.current
        section = settings.notifications
        kept: dict[str, object] = {
            name: tuple(t for t in getattr(section, name) if t.id != asked.target)
            for name in _LISTS.values()
        }
        if all(target.id != asked.target for target in section.targets):
            raise ConfigError("This target is gone already.")
        changed = section.model_copy(update=kept)
        self._store.save({"notifications": changed}, settings.revision)
        self._secrets.remove(secret_name(asked.target))
        self._secrets.remove(token_name(asked.target))
        self._audit(f"target {asked.target}", asked.actor, "removed")

    def _block(self, asked: BlockRelaysAsked) -> None:
        self._check(asked.actor, Operation.RELAY)
        settings = self._store.current
        if settings.notifications.relays_blocked != asked.blocked:
            update = {"relays_blocked": asked.blocked}
            section = settings.notifications.model_copy(update=update)
            self._store.save({"notifications": section}, settings.revision)
        text = "all relays are blocked" if asked.blocked else "the relays may work again"
        self._audit("relays", asked.actor, text)

    def _check(self, actor: str, operation: Operation) -> None:
        if refusal := self._access.refusal(actor, operation):
            raise ConfigError(refusal)


def changed_target(section: Notifications, asked: EditTargetAsked) -> Target:
    """The target with other values, or a new one.

    Raises:
        ConfigError: With one text per wrong field; those of the occasion as "occasion.priority".
    """
    before = next((t for t in section.targets if t.id == asked.target), None)
    model = MODELS[asked.kind]
    if before is None and not asked.added:
        raise ConfigError("This target is gone. Look at the list again.")
    if before is not None and (asked.added or not isinstance(before, model)):
        raise ConfigError("", (f"id: the id {asked.target} is used already: choose another",))
    tree: dict[str, Any] = {"id": asked.target}
    if before is not None:
        tree = before.model_dump(mode="json", exclude_defaults=True)
    for name, value in asked.values.items():
        _put(tree, name, value)
    try:
        target = model.model_validate(tree)
    except ValidationError as error:
        raise ConfigError("the target is wrong", problems_of(error)) from None
    if isinstance(target, WebhookTarget) and target.url:
        try:
            hook_url(target)
        except ConfigError as error:
            raise ConfigError("", (f"url: {error}",)) from None
    return target


def in_force(section: Notifications, asked: EditTargetAsked) -> bool:
    """Whether doing it once more would change nothing; of secrets nothing is seen here."""
    present = next((t for t in section.targets if t.id == asked.target), None)
    return present is not None and changed_target(section, replace(asked, added=False)) == present


def with_target(section: Notifications, kind: TargetKind, target: Target) -> Notifications:
    """The section with this target in the place of the one with its id, or at the end."""
    name = _LISTS[kind]
    rows: tuple[Target, ...] = getattr(section, name)
    if any(row.id == target.id for row in rows):
        rows = tuple(target if row.id == target.id else row for row in rows)
    else:
        rows = (*rows, target)
    return section.model_copy(update={name: rows})


def _put(tree: dict[str, Any], name: str, value: object) -> None:
    node = tree
    if name.startswith(_OCCASION):
        node = tree.setdefault("occasion", {})
        name = name.removeprefix(_OCCASION)
    if value is None:
        node.pop(name, None)
    else:
        node[name] = value
