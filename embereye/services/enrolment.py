"""Enrols devices: mints, rotates and revokes their keys."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

from embereye.config.secrets import SecretStore
from embereye.ingest import enrolment_text
from embereye.model.credential import KEY_BYTES, KeyRing
from embereye.model.device_messages import (
    DeviceEnrolled,
    DeviceRevoked,
    EnrolDeviceAsked,
    ImportKeysAsked,
    KeysImported,
    RevokeDeviceAsked,
    RotateKeyAsked,
)
from embereye.model.errors import EmberEyeError, EnrolmentRefused
from embereye.model.ids import DeviceId
from embereye.model.messages import RequestRefused, SecurityEvent
from embereye.model.security import SecurityKind
from embereye.runtime.clock import Clock
from embereye.runtime.logs import REDACTION
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.key_file import read_keys
from embereye.services.key_vault import KeyVault
from embereye.storage.device_keys import DeviceKeyStore, KeyName, StoredKey

_log = logging.getLogger(__name__)

Answer = Callable[[object], None]

_WAITING = 100  # requests; people make them, one at a time
_PERIOD = 0.25  # s between looks at deadlines and at keys that end
_DISK = 5.0  # s; a person who waits for a key longer than that must be told why
_KID_BYTES = 3  # 6 hex digits, short enough to type; a clash within a device is tried again


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """Rows on their way to the disk, and whom to tell.

    Attributes:
        devices: Whose keys change, at least one.
        note: What the audit says of each device.
        reply: Told after the commit; None for what nobody asked for.
        due: Monotonic s until which the asker waits.
        secrets: Of the new keys.
        void: Keys that were made and never shown; their rows are removed.
    """

    devices: tuple[DeviceId, ...]
    rows: tuple[StoredKey, ...]
    note: str = ""
    actor: str = "system"
    reply: object = None
    answer: Answer | None = None
    due: float = 0.0
    secrets: dict[KeyName, bytes] = field(default_factory=dict, repr=False)
    void: tuple[KeyName, ...] = ()
    revokes: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Stored:
    change: _Change
    error: EmberEyeError | None


class Enrolment:
    """Turns requests about device keys into stored keys and a new `KeyRing`. A worker.

    A new key is valid, and shown, after its commit; a revocation is in force before it. No step
    waits for the disk. The secret store may take seconds, but is only asked while no key is good
    for anything (at the first enrolment, or while the stored keys cannot be opened), so that no
    revocation ever waits for it.
    """

    def __init__(
        self,
        store: DeviceKeyStore,
        secret_store: SecretStore,
        clock: Clock,
        apply_keys: Callable[[KeyRing], None],
        post: Callable[[object], None],
        publish: Callable[[object], None],
    ) -> None:
        """`post` takes `SecurityEvent`s (audit, security page); `publish` answers and refusals."""
        self._store = store
        self._clock = clock
        self._apply_keys = apply_keys
        self._post = post
        self._publish = publish
        self._vault = KeyVault(secret_store, clock, self._complain)
        self._book = self._vault.book
        self._pending: list[_Change] = []
        self._box: Mailbox[tuple[object, Answer | None]] = Mailbox(_WAITING, Full.GROW)
        self._doers: dict[type, Callable[..., None]] = {
            EnrolDeviceAsked: self._enrol,
            RotateKeyAsked: self._rotate,
            RevokeDeviceAsked: self._revoke,
            ImportKeysAsked: self._import,
            _Stored: self._stored,
        }

    @property
    def requests(self) -> tuple[type, ...]:
        """The request types that `ask` takes."""
        return tuple(kind for kind in self._doers if kind is not _Stored)

    def prepare(self) -> None:
        """Load all keys and put them in force; before `run`, and before any device is heard.

        Otherwise an enrolled device could speak unauthenticated for a moment. Takes up to 3 s
        with a key ring that does not answer, and no time where no device is enrolled.

        Raises:
            StorageError: The database cannot be read.
        """
        for row in self._store.load():
            self._book.take(row)
        self._vault.unlock()
        self._apply()

    def ask(self, request: object, answer: Answer | None = None) -> None:
        """Queue a request; any thread.

        `answer` is called once in this worker's thread with `DeviceEnrolled`, `DeviceRevoked`,
        `KeysImported` or `RequestRefused`; without it these are published.
        """
        if len(self._box) >= _WAITING:
            self._refuse(request, answer, "Too many changes are waiting: try again in a moment.")
        else:
            self._box.put((request, answer))

    def run(self, stop: Event) -> None:
        """Work off requests until stopped."""
        while not stop.is_set():
            self.step(_PERIOD)

    def step(self, timeout: float = 0.0) -> None:
        """Do what waits now, or arrives within `timeout` s, and what is due."""
        for request, answer in self._box.take_all(timeout):
            try:
                self._doers[type(request)](request, answer)
            except EmberEyeError as error:
                problems = getattr(error, "problems", ())
                self._refuse(request, answer, " ".join((str(error), *problems)))
        self._give_up_late()
        self._end_retired()
        if self._vault.unlock():
            self._apply()

    # --- requests ----------------------------------------------------------------------------

    def _enrol(self, asked: EnrolDeviceAsked, answer: Answer | None) -> None:
        self._check_idle(asked.device)
        self._book.check_first(asked.device, self._clock.now().utc)
        self._mint(asked, (), "Enrolled with key {0}.", answer)

    def _rotate(self, asked: RotateKeyAsked, answer: Answer | None) -> None:
        self._check_idle(asked.device)
        old = self._book.retire(asked.device, self._clock.now().utc)
        self._mint(asked, (old,), f"Key {{0}} made; key {old.kid} ends within 7 days.", answer)

    def _revoke(self, asked: RevokeDeviceAsked, answer: Answer | None) -> None:
        """In force first, stored afterwards: a slow disk must not keep a stolen device in."""
        device, utc = asked.device, self._clock.now().utc
        void = self._overtake(device)
        rows = () if void and not self._book.good(device, utc) else self._book.revoke(device, utc)
        for row in rows:
            self._book.take(row)
        self._apply()
        reply, note = DeviceRevoked(device, asked.actor), "Revoked: all its keys are void."
        self._begin(
            _Change((device,), rows, note, asked.actor, reply, answer, self._due(), {}, void, True)
        )

    def _overtake(self, device: DeviceId) -> tuple[KeyName, ...]:
        """Drop what is being made for `device`; the new keys in it."""
        void: list[KeyName] = []
        for change in [c for c in self._pending if not c.revokes and device in c.devices]:
            self._drop(change, f"Device {device} was revoked meanwhile; no key was made.")
            void += change.secrets
        return tuple(void)

    def _import(self, asked: ImportKeysAsked, answer: Answer | None) -> None:
        keys, utc = read_keys(tuple(enumerate(asked.texts, 1))), self._clock.now().utc
        problems = []
        for key in keys:
            try:
                self._check_idle(key.device)
                self._book.check_first(key.device, utc)
            except EnrolmentRefused as error:
                problems.append(str(error))
            if self._book.row(key.device, key.kid) is not None:
                problems.append(f"Key {key.kid} of device {key.device} was used before.")
        if problems:
            raise EnrolmentRefused("No key was taken.", tuple(problems))
        rows = tuple(self._vault.close(k.device, k.kid, k.secret) for k in keys)
        devices = tuple(key.device for key in keys)
        reply = KeysImported(devices, asked.actor)
        secret_of = {(key.device, key.kid): key.secret for key in keys}
        note = "Enrolled with an imported key."
        self._begin(
            _Change(devices, rows, note, asked.actor, reply, answer, self._due(), secret_of)
        )

    def _mint(
        self,
        asked: EnrolDeviceAsked | RotateKeyAsked,
        others: tuple[StoredKey, ...],
        note: str,
        answer: Answer | None,
    ) -> None:
        """Make a key and store it together with the `others` that change with it."""
        device, kid = asked.device, secrets.token_hex(_KID_BYTES)
        while self._book.row(device, kid) is not None:
            kid = secrets.token_hex(_KID_BYTES)
        secret = secrets.token_bytes(KEY_BYTES)
        REDACTION.learn(secret.hex())
        rows = (*others, self._vault.close(device, kid, secret))
        text = enrolment_text.write(device, kid, secret)
        reply, made = DeviceEnrolled(device, kid, text, asked.actor), {(device, kid): secret}
        note = note.format(kid)
        self._begin(_Change((device,), rows, note, asked.actor, reply, answer, self._due(), made))

    # --- to the disk -------------------------------------------------------------------------

    def _begin(self, change: _Change) -> None:
        self._pending.append(change)
        self._save(change)

    def _save(self, change: _Change) -> None:
        # The writer calls back in its own thread: it only leaves a message here.
        self._store.save(
            change.rows,
            change.void,
            lambda error: self._tell_stored(_Stored(change, error)),
        )

    def _tell_stored(self, stored: _Stored) -> None:
        self._box.put((stored, None))

    def _stored(self, stored: _Stored, _answer: Answer | None) -> None:
        change, error = stored.change, stored.error
        if change not in self._pending:
            self._settle_late(change, error)
            return
        if error is not None:
            self._drop(change, self._unstored(change, str(error)))
            return
        self._pending.remove(change)
        if not change.revokes:
            for row in change.rows:
                self._book.take(row, change.secrets.get((row.device, row.kid), b""))
            self._apply()
        for device in change.devices:
            self._note(device, change.note, change.actor)
        self._reply(change, change.reply)

    def _settle_late(self, change: _Change, error: EmberEyeError | None) -> None:
        """Take back what was stored after its asker was told that it was not."""
        if error is not None or change.reply is None:
            return
        if change.revokes:
            for device in change.devices:
                self._note(device, change.note, change.actor)
            return
        kept = [self._book.row(row.device, row.kid) for row in change.rows]
        rows = tuple(row for row in kept if row is not None)
        self._save(_Change(change.devices, rows, void=tuple(change.secrets)))

    def _give_up_late(self) -> None:
        for change in [c for c in self._pending if self._clock.mono() >= c.due]:
            self._drop(change, self._unstored(change, "The disk does not answer."))

    def _unstored(self, change: _Change, why: str) -> str:
        names = ", ".join(change.devices)
        if change.revokes:
            return (
                f"Device {names} is revoked and stays out while this program runs, but that is not"
                f" stored yet: {why} Mend the disk before the next start."
            )
        return f"No key of {names} was changed, since it could not be stored: {why}"

    def _drop(self, change: _Change, text: str) -> None:
        self._pending.remove(change)
        _log.warning("%s", text)
        subject = f"device:{change.devices[0]}"
        self._reply(change, RequestRefused(text, change.actor, subject))

    def _end_retired(self) -> None:
        """Close older keys whose overlap is over."""
        rows = self._book.ended(self._clock.now().utc)
        if not rows:
            return
        for row in rows:
            self._book.take(row)
            self._note(row.device, f"Key {row.kid} ended: its rotation is over.", "system")
        self._apply()
        self._save(_Change(tuple(row.device for row in rows), rows))

    def _complain(self, device: DeviceId, text: str) -> None:
        _log.error("device %s cannot authenticate: %s", device, text)
        self._note(device, f"It cannot authenticate. {text}", "system")

    def _apply(self) -> None:
        self._apply_keys(self._book.ring(self._clock.now().utc))

    # --- telling -----------------------------------------------------------------------------

    def _note(self, device: DeviceId, text: str, actor: str) -> None:
        now = self._clock.now()
        kind = SecurityKind.KEYS
        self._post(SecurityEvent(f"device:{device}", text, now, kind, actor=actor))

    def _reply(self, change: _Change, message: object) -> None:
        if message is not None:
            (change.answer or self._publish)(message)

    def _refuse(self, request: object, answer: Answer | None, text: str) -> None:
        level = logging.WARNING if answer is None else logging.INFO  # who asked says it aloud
        _log.log(level, "%s refused: %s", type(request).__name__, text)
        device = getattr(request, "device", "")
        subject = f"device:{device}" if device else ""
        (answer or self._publish)(RequestRefused(text, getattr(request, "actor", ""), subject))

    def _check_idle(self, device: DeviceId) -> None:
        if any(device in change.devices for change in self._pending):
            raise EnrolmentRefused(f"Device {device} is being changed: try again in a moment.")

    def _due(self) -> float:
        return self._clock.mono() + _DISK
