"""Sections with other values, and secrets beside them."""

import pytest

from embereye.config.incident_options import LanguageModel
from embereye.model.errors import ConfigError
from embereye.services.section_change import changed_section, merged


def test_a_value_of_none_goes_back_to_the_default():
    before = LanguageModel(url="http://127.0.0.1:8091", read_timeout=44.0)

    after = changed_section(before, {"read_timeout": None}, "wrong")

    assert after == LanguageModel(url="http://127.0.0.1:8091")


def test_defaults_are_not_written_out():
    assert merged(LanguageModel(), {"read_timeout": 44.0}) == {"read_timeout": 44.0}


def test_a_wrong_value_names_its_field():
    with pytest.raises(ConfigError) as caught:
        changed_section(LanguageModel(), {"read_timeout": -1}, "the section is wrong")

    assert caught.value.problems[0].startswith("read_timeout: ")
