"""What commands ask of the program that owns a data folder, led to who answers it."""

from collections.abc import Callable, Mapping
from typing import Any

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class OwnerRequests:
    """For `runtime.instance.Ownership.on_request`. Any thread, several at once.

    A call waits as long as the one who answers, at most 30 s.
    """

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        """`answers`: by the "ask" of a request."""
        self._answers = dict(answers)

    def add(self, ask: str, answer: Answer) -> None:
        """One more; before the owner's port is served."""
        self._answers[ask] = answer

    def __call__(self, asked: dict[str, Any]) -> dict[str, Any]:
        answer = self._answers.get(str(asked.get("ask")))
        if answer is None:
            return {"ok": False, "problem": "This program does not know that request."}
        return answer(asked)
