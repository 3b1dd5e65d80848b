"""Logging set-up: a rotating file, never a secret in it."""

import contextlib
import logging
import logging.handlers
import re
import sys
import time
from pathlib import Path
from queue import Queue
from threading import Lock
from urllib.parse import quote, unquote

_log = logging.getLogger(__name__)

_FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)-7s %(threadName)s %(name)s: %(message)s"
_HIDDEN = "***"
_WAITING = 10_000  # records between the loggers and the file

# user:password@ of any URL; the password may contain @ and : up to the last @ before the host
_USERINFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)[^\s/?#'\"]*@")
_NAMED = re.compile(
    r"(?i)((?:pass(?:word|wd)?|pwd|secret|token|api[_-]?key|authorization)[\"']?\s*[=:]\s*)"
    r"(?:(?:basic|bearer|digest)\s+)?(\"[^\"]*\"|'[^']*'|[^\s,;&]+)"
)


class Redaction:
    """Knows this process's secrets and removes them, and what looks like one. Any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: tuple[str, ...] = ()

    def learn(self, secret: str) -> None:
        """Never let this text out, nor its URL-encoded forms. Very short ones are not text."""
        if len(secret) < 4:
            return
        forms = {secret, quote(secret, safe=""), quote(secret), unquote(secret)}
        with self._lock:
            # Longest first: a secret may contain another one.
            self._known = tuple(sorted({*self._known, *forms}, key=len, reverse=True))

    def clean(self, text: str) -> str:
        """`text` without secrets."""
        for secret in self._known:
            text = text.replace(secret, _HIDDEN)
        text = _USERINFO.sub(rf"\1{_HIDDEN}@", text)
        return _NAMED.sub(rf"\1{_HIDDEN}", text)


REDACTION = Redaction()  # one per process, like the logging it serves


class RedactingFormatter(logging.Formatter):
    """Cleans whole records, tracebacks included; times are UTC."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__(_FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
        self._redaction = redaction

    converter = staticmethod(time.gmtime)  # formats the record's own time; reads no clock

    def format(self, record: logging.LogRecord) -> str:
        return self._redaction.clean(super().format(record))


class Logs:
    """The running logging of this process; `stop()` flushes it.

    Callers never wait for the disk: records go through a queue to one writing thread. A full
    queue drops the record and counts it.
    """

    def __init__(
        self, folder: Path | None, level: str, megabytes: int = 10, files: int = 7
    ) -> None:
        formatter = RedactingFormatter(REDACTION)
        handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
        problem = None
        if folder is not None:
            try:
                handlers.append(_LogFile(folder, megabytes * 2**20, files))
                handlers[0].setLevel(logging.WARNING)
            except OSError as error:
                # A full or read-only disk must not keep the console from watching.
                problem = error
        for handler in handlers:
            handler.setFormatter(formatter)
        queue: Queue[logging.LogRecord] = Queue(_WAITING)
        self._handlers = handlers
        self._front = _BoundedQueueHandler(queue)
        self._listener = logging.handlers.QueueListener(
            queue, *handlers, respect_handler_level=True
        )
        self._listener.start()
        root = logging.getLogger()
        root.setLevel(level)
        root.addHandler(self._front)
        logging.captureWarnings(True)
        if problem is not None:
            _log.warning("there is no log file in %s: %s", folder, problem.strerror or problem)

    @property
    def dropped(self) -> int:
        """Records lost because the disk was too slow."""
        return self._front.dropped

    def stop(self) -> None:
        """Write what waits and close the file."""
        logging.captureWarnings(False)
        logging.getLogger().removeHandler(self._front)
        self._listener.stop()
        for handler in self._handlers:
            handler.close()


class _LogFile(logging.handlers.RotatingFileHandler):
    """The rotating file; a full disk is told once and not with a traceback for each record."""

    def __init__(self, folder: Path, size: int, files: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(
            folder / "embereye.log", maxBytes=size, backupCount=files, encoding="utf-8"
        )
        self._told = False

    def close(self) -> None:
        with contextlib.suppress(OSError):  # a full disk; it was told
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)
        elif not self._told and sys.stderr is not None:
            self._told = True
            sys.stderr.write(f"{self.baseFilename} cannot be written: {sys.exc_info()[1]}\n")


class _BoundedQueueHandler(logging.handlers.QueueHandler):
    def __init__(self, queue: "Queue[logging.LogRecord]") -> None:
        super().__init__(queue)
        self._bounded = queue
        self.dropped = 0

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        # Merge message and arguments here, where they are valid; the traceback stays for format().
        prepared = logging.makeLogRecord(record.__dict__)
        prepared.msg = record.getMessage()
        prepared.args = None
        return prepared

    def enqueue(self, record: logging.LogRecord) -> None:
        if self._bounded.full():
            self.dropped += 1
        else:
            self._bounded.put_nowait(record)
