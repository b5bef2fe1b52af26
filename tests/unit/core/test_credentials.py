from __future__ import annotations

from traceback import TracebackException

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.credentials import (
    EnvironmentCredentials,
    StaticCredentials,
    checked_key,
    key_of,
    without_keys,
)
from aiproxy_desktop.core.errors import AIProxyError, InvalidKeyError, MissingKeyError
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.providers._base import HttpProvider
from aiproxy_desktop.core.providers.anthropic.provider import AnthropicProvider
from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider
from aiproxy_desktop.core.providers.openai.provider import OpenAICompatibleProvider


async def test_the_environment_names_keys() -> None:
    keys = EnvironmentCredentials({"OPENAI_API_KEY": " sk-1 ", "GEMINI_API_KEY": "g", "GOOGLE_API_KEY": "  "})
    assert await keys.key_for("openai") == "sk-1"
    assert await keys.key_for("gemini") == "g"
    assert await keys.key_for("ollama") is None


async def test_googles_own_variable_wins() -> None:
    keys = EnvironmentCredentials({"GEMINI_API_KEY": "one", "GOOGLE_API_KEY": "two"})
    assert await keys.key_for("gemini") == "two"


def test_a_helper_gets_everything_but_keys() -> None:
    environ = {"OPENAI_API_KEY": "a", "GEMINI_API_KEY": "b", "GOOGLE_API_KEY": "c", "PATH": "/bin"}
    assert without_keys(environ) == {"PATH": "/bin"}


def test_nothing_shows_a_key() -> None:
    assert "sk-secret" not in repr(StaticCredentials({"openai": "sk-secret"}))
    assert "sk-secret" not in repr(EnvironmentCredentials({"OPENAI_API_KEY": "sk-secret"}))


@given(st.text(max_size=30))
def test_any_key_is_fit_for_a_header_or_refused(text: str) -> None:
    refusal = ""
    try:
        key = checked_key(text)
    except InvalidKeyError as error:
        key, refusal = "", str(error)
    if refusal:
        assert len(text.strip()) < 8 or text.strip() not in refusal
        return
    assert key == text.strip()
    assert key.isascii()
    assert key.isprintable()
    assert not any(char.isspace() for char in key)


async def test_a_key_may_be_optional() -> None:
    assert await key_of(StaticCredentials({}), "mine", "Mine", required=False) is None
    assert await key_of(StaticCredentials({"mine": " "}), "mine", "Mine", required=False) is None
    with pytest.raises(MissingKeyError) as caught:
        await key_of(StaticCredentials({}), "mine", "Mine", required=True)
    assert caught.value.advice == "Add one in Settings."


def providers(http: HttpClient, url: str, key: str) -> list[HttpProvider]:
    keys = StaticCredentials(dict.fromkeys(("openai", "gemini", "anthropic"), key))
    return [
        OpenAICompatibleProvider("openai", "OpenAI", url, http, keys),
        GeminiProvider(http, keys, url),
        AnthropicProvider(http, keys, url),
    ]


@pytest.mark.parametrize("url", ["no address", "http://127.0.0.1:1/v1"])
@pytest.mark.parametrize("key", ["sk-of-someone-123456", "sk-of-someone\n123456"])
async def test_no_report_of_an_error_shows_a_key(url: str, key: str) -> None:
    """Crash reporters and debuggers show what the frames hold."""
    http = HttpClient()
    for provider in providers(http, url, key):
        with pytest.raises(AIProxyError) as caught:
            await provider.list_models()
        error, tail = caught.value, caught.value.__traceback__
        assert tail is not None
        error.__traceback__ = tail.tb_next  # without this test's own frame
        report = "".join(TracebackException.from_exception(error, capture_locals=True).format())
        assert "of-someone" not in report
    await http.aclose()
