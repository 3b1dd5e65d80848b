"""`embereye check` and the language model."""

import pytest
from servers.llama_server import LlamaServer

from embereye.config.schema import Incidents, LanguageModel, Settings
from embereye.runtime.clock import SystemClock
from embereye.services.llm_check import llm_checks
from embereye.services.self_test import Outcome, perform


def found(folder, url):
    settings = Settings(incidents=Incidents(language_model=LanguageModel(url=url)))
    return perform(llm_checks(folder, settings, SystemClock()), strict=False)


def test_one_that_answers_is_fine(tmp_path):
    with LlamaServer() as server:
        (item,) = found(tmp_path, server.url)
    assert (item.outcome, item.text) == (Outcome.OK, f"127.0.0.1:{server.port} answers.")


@pytest.mark.parametrize(("mode", "word"), [("loading", "503"), ("", "cannot be reached")])
def test_one_that_does_not_is_told_with_what_to_do(tmp_path, mode, word):
    with LlamaServer(mode) as server:
        if not mode:
            server.close()
        (item,) = found(tmp_path, server.url)
    assert item.outcome is not Outcome.OK
    assert word in item.text


def test_a_wrong_address_is_told(tmp_path):
    (item,) = found(tmp_path, "ftp://h")
    assert "http://" in item.text


def test_without_an_address_there_is_nothing_to_check(tmp_path):
    assert found(tmp_path, "") == []
