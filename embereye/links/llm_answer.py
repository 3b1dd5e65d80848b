"""Reads what a language model answers; nothing in it is believed unchecked.

Source: the HTTP contract of the llama.cpp server, POST /completion.
"""

import json
import math
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, NoReturn

from embereye.model.errors import EmberEyeError
from embereye.rules.plain_text import clean_line, clean_text

LARGEST = 1 << 20  # bytes; 8192 tokens of text, prompt and settings echoed, are a tenth of that
_LONGEST_SUMMARY, _LONGEST_REASONING = 1_000, 4_000  # characters, as the schema says
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_END_OF_THOUGHT = re.compile(r"\A.*</think>", re.DOTALL | re.IGNORECASE)
_MARKUP = re.compile(r"<[A-Za-z!/][^<>]*>")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "risk_score": {"type": "integer", "minimum": 0, "maximum": 100},
        "risk_level": {"type": "string", "enum": ["low", "medium", "high", "critical"]},
        "summary": {"type": "string", "minLength": 1, "maxLength": _LONGEST_SUMMARY},
        "reasoning": {"type": "string", "maxLength": _LONGEST_REASONING},
    },
    "required": ["risk_score", "risk_level", "summary", "reasoning"],
    "additionalProperties": False,
}


class LlmFailure(Enum):
    """Kinds of failures; the values are for logs."""

    UNREACHABLE = "no connection"
    TIMED_OUT = "no answer in time"
    SERVER = "an error of the server"
    NOT_LOADED = "its model is not loaded"
    REFUSED = "the request was refused"
    TOO_LONG = "the question does not fit into its context"
    CUT_OFF = "its answer was cut off"
    BAD_ANSWER = "an answer that cannot be used"


class LlmError(EmberEyeError):
    """The language model gave no usable answer; the text says what to do."""

    def __init__(self, failure: LlmFailure, text: str) -> None:
        super().__init__(text)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Judgement:
    """A usable answer: plain text, and a risk of 0–100. Its own level is not used."""

    risk: int
    summary: str
    reasoning: str


def read_completion(body: bytes, mark: str = "") -> Judgement:
    """The judgement in the answer to /completion; LlmError when there is no usable one.

    Args:
        mark: A word of the prompt that no answer has.
    """
    found = _mapping(_json(body, "it is no JSON"))
    content, stop = found.get("content"), found.get("stop_type")
    if found.get("truncated") not in (False, None) or stop == "limit":
        raise LlmError(
            LlmFailure.CUT_OFF,
            "The language model's answer was cut off. Allow a longer answer in the settings of "
            "incidents, or start it with a larger context.",
        )
    if not isinstance(content, str):
        raise _bad("there is no text in it")
    return read_judgement(content, mark)


def read_judgement(content: str, mark: str = "") -> Judgement:
    """The judgement in a model's own words; LlmError as above."""
    spoken = _END_OF_THOUGHT.sub("", _THOUGHT.sub("", content)).strip()
    if not spoken:
        raise _bad("it consists of thoughts only")
    found = _mapping(_json(spoken.encode("utf-8", "replace"), "its text is no JSON"))
    risk, said = found.get("risk_score"), found.get("risk_level")
    summary, reasoning = found.get("summary"), found.get("reasoning")
    if isinstance(risk, bool) or not isinstance(risk, int | float) or not _finite(risk):
        raise _bad("its risk is no number")
    if not all(isinstance(text, str) for text in (said, summary, reasoning)):
        raise _bad("a text is missing")
    if mark and mark in spoken:
        raise _bad("it repeats the question")
    text = _shown(clean_line(_MARKUP.sub("", str(summary))), _LONGEST_SUMMARY)
    if not text:
        raise _bad("the summary is empty")
    because = _shown(clean_text(_MARKUP.sub("", str(reasoning))), _LONGEST_REASONING)
    return Judgement(round(min(100.0, max(0.0, risk))), text, because)


def error_kind(body: bytes) -> str:
    """The type of a llama.cpp server's error: {"error": {"type": …}}; "" for anything else."""
    try:
        error = _mapping(_json(body, "")).get("error")
    except LlmError:
        return ""
    kind = error.get("type") if isinstance(error, dict) else None
    return kind if isinstance(kind, str) else ""


def _json(body: bytes, problem: str) -> object:
    if len(body) > LARGEST:
        raise _bad("it is too long")
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):  # also numbers of thousands of digits, and no UTF-8
        raise _bad(problem) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _mapping(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _bad("it is not an object")
    return found


def _finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # a whole number that no float can hold
        return False


def _shown(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _bad(why: str) -> LlmError:
    return LlmError(
        LlmFailure.BAD_ANSWER,
        f"The language model answers something that cannot be used ({why}). Check that the "
        "address is that of a llama.cpp server, and its model.",
    )
