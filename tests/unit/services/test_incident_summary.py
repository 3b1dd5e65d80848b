"""The thread that asks the language model: a real server, well and unwell."""

import pytest
from fakes import FakeClock
from hosting import hosted
from incident_parts import incident, member, spell, tally
from servers.llama_server import KEY, LlamaServer

from embereye.config.incident_options import LanguageModel
from embereye.model.incident import LlmCondition, SummaryState
from embereye.runtime.clock import SystemClock
from embereye.runtime.mailbox import Full, Mailbox
from embereye.services.incident_prompt import Matter
from embereye.services.incident_summary import WAITING, IncidentSummaries
from embereye.services.llm_setup import llm_setup


class Bench:
    """The worker in a thread of its own, beside a server that misbehaves as asked."""

    def __init__(self, server: LlamaServer) -> None:
        self.server = server
        self.made = Mailbox(100, Full.GROW)
        self.faults = []
        self.key = ""
        self.worker = IncidentSummaries(
            SystemClock(), lambda: self.key, self.made.put, self.faults.append
        )
        self.section = LanguageModel(url=server.url)

    def __enter__(self):
        self.worker.apply(llm_setup(self.section))
        self._host = hosted(self.worker.run, wait=10.0)
        self._host.__enter__()
        return self

    def __exit__(self, *error):
        self.server.release.set()
        self._host.__exit__(*error)

    def ask(self, number=1, alarms=3):
        members = tuple(member(n) for n in range(1, alarms + 1))
        one = incident(number, members=members, detections=(tally(),), spells=(spell(),))
        return self.worker.offer(Matter(one, {}, "about"))

    def answer(self, wait=10.0):
        (made,) = self.made.take_all(wait, most=1)
        return made.summary

    def outcome(self, mode):
        self.server.mode = mode
        assert self.ask()
        return self.answer()


@pytest.fixture
def bench():
    with LlamaServer() as server, Bench(server) as running:
        yield running


def test_a_good_answer_becomes_a_summary(bench):
    summary = bench.outcome("good")
    assert (summary.state, summary.risk, summary.level) == (SummaryState.READY, 72, None)
    assert summary.text == "Smoke, then flame, at the boiler."
    assert bench.server.asked[0] == "/health"


@pytest.mark.parametrize("mode", ["unclosed", "limit", "truncated", "echo", "huge", "500", "html"])
def test_each_failure_needs_review_and_has_no_score(bench, mode):
    summary = bench.outcome("text" if mode == "html" else mode)
    assert (summary.state, summary.risk, summary.text) == (SummaryState.NEEDS_REVIEW, None, "")
    assert summary.problem.endswith(".")


def test_what_does_not_fit_is_shortened_and_not_repeated(bench):
    bench.server.room = 6_000
    bench.server.mode = "overflow"
    assert bench.ask(alarms=100)
    assert bench.answer().state is SummaryState.READY
    lengths = [len(q["prompt"]) for q in bench.server.questions]
    assert len(lengths) > 1
    assert lengths == sorted(set(lengths), reverse=True)


def test_what_never_fits_is_given_up(bench):
    bench.server.room = 10
    summary = bench.outcome("overflow")
    assert summary.state is SummaryState.NEEDS_REVIEW
    assert "context" in summary.problem
    lengths = [len(q["prompt"]) for q in bench.server.questions]
    assert lengths == sorted(set(lengths), reverse=True)


def test_the_key_of_the_secret_store_is_sent(bench):
    bench.key = KEY
    assert bench.outcome("wrong key").state is SummaryState.READY


def test_after_five_failures_nobody_is_asked_for_a_while(bench):
    bench.server.mode = "500"
    for number in range(8):
        assert bench.ask(number)
        assert bench.answer().state is SummaryState.NEEDS_REVIEW
    assert len(bench.server.questions) == 5


def test_a_bounded_number_waits(bench):
    bench.server.mode = "slow"
    offered = [bench.ask(number) for number in range(WAITING + 20)]
    assert not all(offered)
    assert sum(offered) <= 2 * WAITING + 1


def test_of_one_incident_only_the_newest_state_is_asked_about(bench):
    bench.server.mode = "slow"
    bench.ask(1)
    while not bench.server.questions:
        bench.made.take_all(0.02)
    for _ in range(3):
        bench.ask(2)
    bench.server.release.set()
    assert {bench.answer().state, bench.answer().state} == {SummaryState.READY}
    assert bench.made.take_all(0.3) == []


def test_a_question_under_way_does_not_hold_up_the_stop():
    with LlamaServer("hang") as server, Bench(server) as bench:
        bench.ask()
        while not server.questions:
            bench.made.take_all(0.02)
        began = SystemClock().mono()
        bench.__exit__(None, None, None)
        assert SystemClock().mono() - began < 5.0
        bench.__enter__()


# --- how it stands, on a clock that the test moves -----------------------------------------------


class Turns:
    """The same worker, turned by hand."""

    def __init__(self, clock, section, key=lambda: ""):
        self.clock, self.told, self.made = clock, [], []
        self.worker = IncidentSummaries(clock, key, self.made.append, self.told.append)
        self.worker.apply(llm_setup(section))

    def turn(self, seconds=0.0):
        self.clock.advance(seconds)
        for _ in range(200):
            self.worker.turn(0.02)
            if self.worker._flying is None:
                break
        self.worker.turn(0.0)
        return self.worker.current


def test_one_that_cannot_be_reached_is_a_fault_and_recovers():
    with LlamaServer("loading") as server:
        turns = Turns(FakeClock(), LanguageModel(url=server.url))
        assert turns.turn().condition is LlmCondition.UNUSABLE
        assert turns.told == []
        turns.turn(5.1)
        turns.turn(5.1)
        (fault,) = turns.told
        assert (fault.name, fault.recovered) == ("language model", False)
        assert "review" in fault.text
        server.mode = "good"
        assert turns.turn(5.1).condition is LlmCondition.WORKING
        assert [f.recovered for f in turns.told] == [False, True]


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("ftp://10.0.0.1", "http://"),
        ("http://anna:letmein42@10.0.0.1:8091", "secret store"),
        ("http://", "wrong"),
        ("http://10.0.0.1/?key=letmein42", "question mark"),
    ],
)
def test_a_wrong_address_is_told_and_not_asked(url, word):
    setup = llm_setup(LanguageModel(url=url))
    assert setup.endpoint is None
    assert word in setup.problem
    assert "letmein42" not in setup.problem


def test_plain_http_to_another_machine_is_warned_about():
    assert "readable" in llm_setup(LanguageModel(url="http://10.0.0.1:8091")).warning
    assert llm_setup(LanguageModel(url="http://127.0.0.1:8091")).warning == ""
    assert llm_setup(LanguageModel(url="https://llm.example:8091")).warning == ""


def test_policy_refuses_plain_http_to_another_machine():
    setup = llm_setup(LanguageModel(url="http://10.0.0.1:8091", require_https=True))
    assert setup.endpoint is None
    assert "require_https" in setup.problem
    local = llm_setup(LanguageModel(url="http://localhost:8091", require_https=True))
    assert local.endpoint is not None


def test_the_completion_path_may_be_written_out():
    endpoint = llm_setup(LanguageModel(url="http://127.0.0.1:8091/llm/completion/")).endpoint
    assert endpoint is not None
    assert endpoint.base == "/llm"


def test_switched_off_nothing_is_asked_and_nothing_is_wrong():
    turns = Turns(FakeClock(), LanguageModel())
    assert turns.turn().condition is LlmCondition.OFF
    turns.turn(60.0)
    assert turns.told == []
