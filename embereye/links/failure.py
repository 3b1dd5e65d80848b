"""Why something could not be sent, and whether sending it again can help."""

from collections.abc import Sequence

from embereye.model.errors import EmberEyeError


class DeliveryFailed(EmberEyeError):
    """It was not delivered; the text says what to do, without secrets.

    Attributes:
        final: The other side will never take this one; another one it may.
        after: s that the other side asks to wait; None: it says nothing.
        partly: Some recipients have it.
        rest: Those of the others who may take it later.
    """

    def __init__(
        self,
        text: str,
        *,
        final: bool = False,
        after: float | None = None,
        partly: bool = False,
        rest: Sequence[str] = (),
    ) -> None:
        super().__init__(text)
        self.final = final
        self.after = after
        self.partly = partly
        self.rest = tuple(rest)
