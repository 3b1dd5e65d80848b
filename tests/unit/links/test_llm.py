"""The language model's answers: a usable one, or a failure that says what to do."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.llama_server import JUDGEMENT, KEY, LlamaServer

from embereye.links.llm import Question, ask_judgement, ask_llm_health
from embereye.links.llm_answer import (
    Judgement,
    LlmError,
    LlmFailure,
    read_completion,
    read_judgement,
)
from embereye.runtime.clock import SystemClock
from embereye.runtime.http_exchange import Allowance
from embereye.runtime.http_service import Endpoint

GOOD = Judgement(72, JUDGEMENT["summary"], JUDGEMENT["reasoning"])
ASKED = Question("What happened?\nmark-7f3a\nmark-7f3a", "mark-7f3a", 256)


@pytest.fixture
def server():
    with LlamaServer() as running:
        yield running


def ask(server, seconds=5.0, key="", asked=ASKED):
    place = f"127.0.0.1:{server.port}"
    endpoint = Endpoint(False, "127.0.0.1", server.port, place, "", 2.0, key)
    clock = SystemClock()
    return ask_judgement(endpoint, asked, Allowance(clock, clock.mono() + seconds, lambda: False))


def refusal(server, **how) -> LlmError:
    with pytest.raises(LlmError) as caught:
        ask(server, **how)
    return caught.value


def test_it_is_asked_as_the_contract_says(server):
    assert ask(server) == GOOD
    (question,) = server.questions
    assert question["prompt"] == ASKED.prompt
    assert question["n_predict"] == 256
    assert question["stream"] is False
    assert set(question["json_schema"]["required"]) == {
        "risk_score", "risk_level", "summary", "reasoning",
    }  # fmt: skip
    assert {"temperature", "top_p", "stop"} <= question.keys()


def test_thoughts_are_no_answer(server):
    server.mode = "thinking"
    assert ask(server) == GOOD


@pytest.mark.parametrize(
    ("mode", "failure"),
    [
        ("unclosed", LlmFailure.BAD_ANSWER),
        ("limit", LlmFailure.CUT_OFF),
        ("truncated", LlmFailure.CUT_OFF),
        ("echo", LlmFailure.BAD_ANSWER),
        ("text", LlmFailure.BAD_ANSWER),
        ("huge", LlmFailure.BAD_ANSWER),
        ("endless", LlmFailure.BAD_ANSWER),
        ("headers", LlmFailure.BAD_ANSWER),
        ("banner", LlmFailure.BAD_ANSWER),
        ("bomb", LlmFailure.BAD_ANSWER),
        ("reset", LlmFailure.UNREACHABLE),
        ("wrong key", LlmFailure.REFUSED),
        ("redirect", LlmFailure.REFUSED),
        ("400", LlmFailure.REFUSED),
        ("404", LlmFailure.REFUSED),
        ("500", LlmFailure.SERVER),
        ("loading", LlmFailure.NOT_LOADED),
    ],
)
def test_each_misbehaviour_is_a_failure_in_words(server, mode, failure):
    server.mode, server.room = mode, 0
    error = refusal(server)
    assert error.failure is failure
    assert str(error).endswith(".")


def test_a_question_that_does_not_fit_is_told_apart(server):
    server.mode, server.room = "overflow", 5
    assert refusal(server).failure is LlmFailure.TOO_LONG


@pytest.mark.parametrize("mode", ["hang", "drip"])
def test_an_answer_that_does_not_come_is_given_up_in_time(server, mode):
    server.mode = mode
    began = time.monotonic()
    assert refusal(server, seconds=0.4).failure is LlmFailure.TIMED_OUT
    assert time.monotonic() - began < 3.0  # also on a busy machine


def test_the_key_is_sent_and_never_shown(server):
    server.mode = "wrong key"
    assert ask(server, key=KEY) == GOOD
    assert KEY not in str(refusal(server, key="wrong" + KEY))
    endpoint = Endpoint(False, "h", 1, "h:1", "", 2.0, KEY)
    assert KEY not in repr(endpoint)


def test_a_key_that_cannot_be_sent_is_refused(server):
    assert "API key" in str(refusal(server, key="two\r\nlines"))
    assert not server.asked


def test_health_tells_whether_the_model_is_loaded(server):
    clock = SystemClock()
    endpoint = Endpoint(False, "127.0.0.1", server.port, "x", "", 2.0)
    ask_llm_health(endpoint, Allowance(clock, clock.mono() + 5, lambda: False))
    server.mode = "loading"
    with pytest.raises(LlmError) as caught:
        ask_llm_health(endpoint, Allowance(clock, clock.mono() + 5, lambda: False))
    assert caught.value.failure is LlmFailure.NOT_LOADED


def said(**changes) -> str:
    return json.dumps({**JUDGEMENT, **changes})


@pytest.mark.parametrize(
    "content",
    [
        said() + "<think>Was that right?</think>",
        said() + "<THINK>Was that right",
        "<think>a</think><think>b</think>" + said(),
        "I was told to think first.</think>" + said(),
    ],
)
def test_thoughts_anywhere_are_removed(content):
    assert read_judgement(content) == GOOD


@pytest.mark.parametrize(
    ("risk", "kept"), [(-5, 0), (0, 0), (41.6, 42), (100, 100), (1e30, 100), (10**300, 100)]
)
def test_the_risk_is_clamped(risk, kept):
    assert read_judgement(said(risk_score=risk)).risk == kept


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<think>only thoughts</think>",
        "Fire!",
        "[]",
        '"summary"',
        "{}",
        said(risk_score="72"),
        said(risk_score=True),
        said(risk_score=None),
        said(risk_score=float("nan")),
        said(risk_score=float("inf")),
        said(risk_score=[72]),
        said(summary=""),
        said(summary="<script></script>"),
        said(summary=7),
        said(reasoning=None),
        said(risk_level=3),
        '{"risk_score": ' + "9" * 5000 + "}",
        "[" * 100_000,
        said()[:-5],
        said() + said(),
    ],
)
def test_what_the_schema_does_not_allow_is_a_failure(content):
    with pytest.raises(LlmError):
        read_judgement(content)


def test_texts_are_plain_and_short():
    found = read_judgement(
        said(summary="<b>Fire</b>\u202e at\n\x1b[31mgate " + "x" * 5000, reasoning="a\x00b\nc")
    )
    assert found.summary.startswith("Fire at [31mgate x")
    assert len(found.summary) == 1000
    assert found.reasoning == "ab\nc"


@pytest.mark.parametrize("evil", ["<think>" * 100_000, "</think>" * 100_000, "<a" * 400_000])
def test_no_text_keeps_the_thread_busy(evil):
    began = time.monotonic()
    with pytest.raises(LlmError):
        read_judgement(evil)
    assert read_judgement(said(reasoning="<a" * 400_000)).risk == 72
    assert time.monotonic() - began < 5.0  # squares of these lengths take hours


_NAMES = ["content", "stop_type", "truncated", "risk_score", "summary", "reasoning"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(_NAMES),
        inner,
        max_size=6,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(found=JSON, body=st.binary(max_size=60))
def test_whatever_comes_is_a_judgement_or_a_failure(found, body):
    for content in (json.dumps(found).encode(), body):
        try:
            judgement = read_completion(content)
        except LlmError:
            continue
        assert 0 <= judgement.risk <= 100


@settings(deadline=None, max_examples=200)
@given(risk=JSON, summary=JSON)
def test_no_score_is_invented(risk, summary):
    try:
        judgement = read_judgement(
            json.dumps({**JUDGEMENT, "risk_score": risk, "summary": summary})
        )
    except LlmError:
        return
    assert isinstance(risk, int | float)
    assert isinstance(summary, str)
    assert judgement.risk == round(min(100, max(0, risk)))
