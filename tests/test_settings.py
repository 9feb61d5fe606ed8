"""A setting is read from its default, then the environment, then an argument; an unusable one is refused."""

import re

import pytest

from exoreview import settings
from exoreview.problems import Refusal

BY_NAME = {setting.name: setting for setting in settings.SETTINGS}


@pytest.mark.parametrize("setting", settings.SETTINGS, ids=lambda setting: setting.name)
def test_a_default_is_within_its_bounds(setting):
    assert setting.read(str(setting.default)) == setting.default


def test_names_are_unique():
    assert len(BY_NAME) == len(settings.SETTINGS)


@pytest.mark.parametrize("setting", settings.SETTINGS, ids=lambda setting: setting.name)
def test_a_setting_says_what_it_does(setting):
    assert re.fullmatch(r"[A-Z][A-Z_]*", setting.name)
    assert re.fullmatch(r"[A-Z].{10,}\.", setting.help)
    assert type(setting.default) in (int, float, str)


@pytest.mark.parametrize("setting", settings.SETTINGS, ids=lambda setting: setting.name)
def test_the_environment_is_read_in_the_type_of_the_default(setting):
    text = str(setting.default)
    value = settings.read({setting.variable: text})[setting.name]
    assert (value, type(value)) == (setting.default, type(setting.default))


def test_without_anything_the_defaults_hold():
    assert settings.read({}) == {setting.name: setting.default for setting in settings.SETTINGS}


def test_the_default_address_is_reached_from_this_machine_alone():
    assert settings.read({})["HOST"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("environment", "arguments", "port"),
    [
        pytest.param({}, {}, 8000, id="default"),
        pytest.param({"EXOREVIEW_PORT": "81"}, {}, 81, id="environment"),
        pytest.param({}, {"port": 82}, 82, id="argument"),
        pytest.param({"EXOREVIEW_PORT": "81"}, {"port": 82}, 82, id="argument-over-environment"),
        pytest.param({"EXOREVIEW_PORT": "81"}, {"port": None}, 81, id="argument-not-given"),
        pytest.param({"EXOREVIEW_PORT": "81"}, {"port": 0}, 0, id="zero-is-given"),
        pytest.param({"EXOREVIEW_PORT": "no number"}, {"port": 82}, 82, id="overruled-text-is-not-read"),
        pytest.param({"PORT": "81"}, {}, 8000, id="another-variable"),
    ],
)
def test_the_order_of_reading(environment, arguments, port):
    assert settings.read(environment, **arguments)["PORT"] == port


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        pytest.param("PORT", "http", "EXOREVIEW_PORT is “http”, but it must be a whole number.", id="word"),
        pytest.param(
            "PORT", "80.5", "EXOREVIEW_PORT is “80.5”, but it must be a whole number.", id="fraction"
        ),
        pytest.param("PORT", "", "EXOREVIEW_PORT is “”, but it must be a whole number.", id="empty"),
        pytest.param(
            "PORT",
            "-1",
            "EXOREVIEW_PORT is “-1”, but it must be a whole number from 1 to 65,535.",
            id="negative",
        ),
        pytest.param(
            "QUERY_TIMEOUT_S",
            "soon",
            "EXOREVIEW_QUERY_TIMEOUT_S is “soon”, but it must be a number.",
            id="text",
        ),
        *(
            pytest.param(
                "QUERY_TIMEOUT_S",
                text,
                f"EXOREVIEW_QUERY_TIMEOUT_S is “{text}”, but it must be a number from 0.1 to 3,600.",
                id=text,
            )
            for text in ("nan", "inf", "0", "-1")
        ),
        pytest.param(
            "HOST", "", "EXOREVIEW_HOST is “”, but it must be a text of at least one character.", id="no host"
        ),
        pytest.param(
            "QUEUE_WAIT_S",
            "0",
            "EXOREVIEW_QUEUE_WAIT_S is “0”, but it must be a number from 0.1 to 600.",
            id="no time to connect",
        ),
        pytest.param(
            "WORKERS",
            "1000000",
            "EXOREVIEW_WORKERS is “1000000”, but it must be a whole number from 1 to 256.",
            id="far too many",
        ),
    ],
)
def test_an_unusable_text_is_refused_with_a_sentence(name, text, sentence):
    with pytest.raises(Refusal) as refusal:
        settings.read({BY_NAME[name].variable: text})
    assert str(refusal.value) == sentence
