"""What an administrator can look up later: security events, changes of settings, faults."""

from embereye.model.messages import SecurityEvent
from embereye.model.stamp import Stamp
from embereye.storage.chain import Chain
from embereye.storage.database import Connection
from embereye.storage.writer import StorageWriter, Write


class AuditStore:
    """Appends rows to the audit, each chained to the one before. Any thread."""

    def __init__(self, writer: StorageWriter, chain: Chain) -> None:
        self._writer = writer
        self._chain = chain

    def security(self, event: SecurityEvent) -> None:
        """Keep a security event."""
        self.record("security", event.subject, event.actor, event.text, event.at)

    def record(self, kind: str, subject: str, actor: str, text: str, at: Stamp) -> None:
        """Keep that `actor` did or met something.

        Args:
            kind: "security", "settings", "device", "storage" …
            subject: Id of the camera, device, section or file.
            text: One sentence, without secrets.
        """
        fields = (at.utc, kind, subject, actor, text)

        def apply(connection: Connection) -> None:
            self._chain.append(connection, "audit", fields)

        self._writer.put(Write(apply))
