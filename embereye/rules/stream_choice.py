"""Which of a camera's two streams is needed: the small one always, the main one for large tiles."""

_LARGER = 1.25  # of the sub stream's height; a tile this much higher shows more by the main stream
_LINGER = 5.0  # s; a main stream that is closed costs its connection and a key frame to open again
_PATIENCE = 3.0  # s without a sub stream before the main one stands in


class StreamChoice:
    """Says for one camera whether its main stream is needed beside the sub stream. One thread."""

    def __init__(self) -> None:
        self._main = False
        self._small_since: float | None = None
        self._lost_since: float | None = None

    def stands_in(self, sub_live: bool, now: float) -> bool:
        """Whether the sub stream fails for so long that the main one takes all of its work."""
        if sub_live:
            self._lost_since = None
            return False
        if self._lost_since is None:
            self._lost_since = now
        return now - self._lost_since >= _PATIENCE

    def needs_main(self, tallest: int, sub_height: int, lifted: bool, now: float) -> bool:
        """Whether tiles need more than the sub stream has.

        Args:
            tallest: Pixels of the highest tile that is looked at; 0: none.
            sub_height: Pixels of the sub stream's picture; 0: not yet known.
            lifted: An alarm wants the best picture there is.
            now: Monotonic seconds.
        """
        if lifted or (sub_height and tallest > sub_height * _LARGER):
            self._main, self._small_since = True, None
        elif self._main and tallest <= sub_height:
            if self._small_since is None:
                self._small_since = now
            if now - self._small_since >= _LINGER:
                self._main = False
        else:
            self._small_since = None
        return self._main
