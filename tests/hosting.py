"""Workers in threads of their own for the length of a block."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

Body = Callable[[Event], object]


@contextmanager
def hosted(*bodies: Body, wait: float) -> Iterator[None]:
    """Run each body until the end of the block; all must return within `wait` s of each other."""
    stop = Event()
    threads = [Thread(target=body, args=(stop,)) for body in bodies]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(wait)
            assert not thread.is_alive()
