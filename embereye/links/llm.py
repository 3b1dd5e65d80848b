"""Asks a language model (llama.cpp server) for one summary; nothing in its answer is believed.

Source: the HTTP contract of the llama.cpp server, POST /completion and GET /health.
"""

import json
from dataclasses import dataclass

from embereye.links.llm_answer import (
    LARGEST,
    SCHEMA,
    Judgement,
    LlmError,
    LlmFailure,
    error_kind,
    read_completion,
)
from embereye.runtime.http_exchange import Allowance, Answer, ExchangeFailed, Trouble
from embereye.runtime.http_service import (
    ADVICE,
    NOTHING,
    Document,
    Endpoint,
    ask,
    is_packed,
    is_sendable,
)

_TEMPERATURE, _TOP_P = 0.2, 0.9  # the same question should get about the same answer
_OVERFLOW = "exceed_context_size_error"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        mark: A random word that stands in the prompt only; an answer with it is an echo.
        longest: Tokens of the answer.
    """

    prompt: str
    mark: str
    longest: int


def ask_judgement(endpoint: Endpoint, question: Question, allowance: Allowance) -> Judgement:
    """Its answer; LlmError when there is no usable one. Blocks for as long as allowed."""
    body = json.dumps(
        {
            "prompt": question.prompt,
            "n_predict": question.longest,
            "json_schema": SCHEMA,
            "temperature": _TEMPERATURE,
            "top_p": _TOP_P,
            "stop": [],
            "stream": False,
        }
    ).encode()
    answer = _asked(endpoint, "/completion", Document("application/json", body), allowance)
    if answer.status != 200:
        raise _refusal(endpoint, answer)
    return read_completion(answer.body, question.mark)


def ask_llm_health(endpoint: Endpoint, allowance: Allowance) -> None:
    """Return when it has its model; LlmError otherwise."""
    answer = _asked(endpoint, "/health", NOTHING, allowance)
    if answer.status != 200:
        raise _refusal(endpoint, answer)


def _asked(endpoint: Endpoint, path: str, document: Document, allowance: Allowance) -> Answer:
    try:
        answer = ask(endpoint, path, _key(endpoint), document, LARGEST, allowance)
    except ExchangeFailed as error:
        raise _error(endpoint, _FAILURES[error.trouble], ADVICE[error.trouble]) from None
    if is_packed(answer):
        raise _error(endpoint, LlmFailure.BAD_ANSWER, "packs its answers, which nobody asked for")
    return answer


def _key(endpoint: Endpoint) -> dict[str, str]:
    key = endpoint.key
    if not key:
        return {}
    if not is_sendable(key):
        raise LlmError(
            LlmFailure.REFUSED,
            "The API key of the language model contains blanks or other characters that cannot "
            "be sent. Enter it again.",
        )
    return {"Authorization": f"Bearer {key}"}


def _refusal(endpoint: Endpoint, answer: Answer) -> LlmError:
    status = answer.status
    if status == 400 and error_kind(answer.body) == _OVERFLOW:
        text = "takes no question of this length. Start it with a larger context"
        return _error(endpoint, LlmFailure.TOO_LONG, text)
    if status in _STATUSES:
        return _error(endpoint, *_STATUSES[status])
    if 300 <= status < 400:
        text = f"sends the caller elsewhere ({status}). Enter that address instead"
        return _error(endpoint, LlmFailure.REFUSED, text)
    if 400 <= status < 500:
        text = f"refuses the question ({status}). Look at its log"
        return _error(endpoint, LlmFailure.REFUSED, text)
    if status >= 500:
        return _error(endpoint, LlmFailure.SERVER, f"has an error ({status}). Look at its log")
    text = f"answers oddly ({status}). Check the address"
    return _error(endpoint, LlmFailure.BAD_ANSWER, text)


def _error(endpoint: Endpoint, failure: LlmFailure, text: str) -> LlmError:
    return LlmError(failure, f"The language model at {endpoint.place} {text}.")


_FAILURES = {
    Trouble.SILENT: LlmFailure.TIMED_OUT,
    Trouble.UNENDING: LlmFailure.TIMED_OUT,
    Trouble.TOO_MUCH: LlmFailure.BAD_ANSWER,
    Trouble.NOT_HTTP: LlmFailure.BAD_ANSWER,
    Trouble.UNTRUSTED: LlmFailure.UNREACHABLE,
    Trouble.BROKEN: LlmFailure.UNREACHABLE,
}
_STATUSES = {
    401: (LlmFailure.REFUSED, "rejects the API key (401). Enter it again"),
    403: (LlmFailure.REFUSED, "rejects the API key (403). Enter it again"),
    404: (LlmFailure.REFUSED, "has no such service at this address (404). Check the path"),
    503: (LlmFailure.NOT_LOADED, "has not loaded its model (503). Wait, or look at its log"),
}
