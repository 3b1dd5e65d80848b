"""Children of the pool wear out: what they need of memory, and how often one had to be replaced."""

from collections import deque

from embereye.runtime.process import Child

_LOOK = 1.0  # s between looks at the memory, 0.05 ms each
_RUNAWAY = 2.0  # times the limit; then even the picture it works on does not count
_MIB = 2**20
_OFTEN, _SPAN = 3, 3600.0  # replacements within an hour that are worth telling


class SeatWear:
    """The wear of one seat. Lives in the pool's thread; monotonic seconds.

    A child that grows is replaced between two pictures, before the machine has no memory left for
    the rest of the program.
    """

    def __init__(self, name: str, limit: int) -> None:
        """`limit`: MiB of physical memory that a child may need."""
        self._name, self._limit = name, limit
        self._looked = float("-inf")
        self._needs = 0  # bytes, at that look
        self._replaced: deque[float] = deque(maxlen=_OFTEN)
        self._reason = ""

    def outgrown(self, child: Child, now: float, *, looking: bool) -> str:
        """Why this child has to be replaced, empty when it need not; `looking`: at a picture."""
        if now - self._looked >= _LOOK:
            self._looked, self._needs = now, child.memory()
        most = self._limit * _MIB * (_RUNAWAY if looking else 1.0)
        return f"{self._name} needs more than {self._limit} MiB" if self._needs > most else ""

    def replaced(self, now: float, reason: str) -> None:
        """A child was replaced."""
        self._needs = 0
        self._replaced.append(now)
        self._reason = reason

    def remark(self, now: float) -> str:
        """What the operator should know, empty when all is well."""
        if len(self._replaced) < _OFTEN or now - self._replaced[0] > _SPAN:
            return ""
        return (
            f"A detector process has to be replaced again and again ({self._reason}). Its cameras "
            "are looked at by the next one, which remembers nothing. Choose other models or allow "
            "it more memory; if neither helps, send the log."
        )
