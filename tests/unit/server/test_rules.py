"""Which settings make which rules, and which make none."""

from __future__ import annotations

from typing import Any

import pytest

from aiproxy_desktop.core.errors import ConfigurationError
from aiproxy_desktop.server.rules import rules_of
from aiproxy_desktop.services.local_api.listening import is_loopback, url_of
from aiproxy_desktop.storage.api_settings import ApiSettings

TOKEN = "a-token_of.enough~letters+/=="


def settings(**more: Any) -> ApiSettings:
    return ApiSettings(**more)


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("127.0.0.1", {"127.0.0.1:8000", "localhost:8000", "[::1]:8000"}),
        ("localhost", {"127.0.0.1:8000", "localhost:8000", "[::1]:8000"}),
        ("::1", {"127.0.0.1:8000", "localhost:8000", "[::1]:8000"}),
        ("127.0.0.2", {"127.0.0.1:8000", "localhost:8000", "[::1]:8000", "127.0.0.2:8000"}),
    ],
)
def test_loopback_needs_nothing(host: str, names: set[str]) -> None:
    rules = rules_of(settings(host=host), None)
    assert rules.hosts == names
    assert (rules.token, rules.origins, rules.any_address) == (None, frozenset(), False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "desk.example", ""])
def test_others_are_let_in_on_purpose_and_with_a_token(host: str) -> None:
    with pytest.raises(ConfigurationError, match="on purpose"):
        rules_of(settings(host=host), TOKEN)
    with pytest.raises(ConfigurationError, match="token"):
        rules_of(settings(host=host, expose=True), None)
    rules = rules_of(settings(host=host, expose=True), TOKEN)
    assert rules.token == TOKEN.encode()
    assert TOKEN not in repr(rules)
    wildcard = host in {"0.0.0.0", "::", ""}
    assert rules.any_address is wildcard
    assert rules.hosts == (
        {"127.0.0.1:8000", "localhost:8000", "[::1]:8000"} if wildcard else {f"{host}:8000"}
    )


def test_names_are_exact() -> None:
    given = settings(
        hosts=("API.Example", " desk.lan:8443 ", "[fd00::1]:8000"),
        origins=("https://Page.example", "chrome-extension://abcdef", "http://[::1]:3000"),
        trusted_proxies=("10.0.0.0/8", "::1"),
        port=80,
    )
    rules = rules_of(given, TOKEN)
    assert {"api.example", "desk.lan:8443", "[fd00::1]:8000", "localhost", "localhost:80"} <= rules.hosts
    assert rules.origins == {"https://page.example", "chrome-extension://abcdef", "http://[::1]:3000"}
    assert rules.trusted_proxies == ("10.0.0.0/8", "::1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"hosts": ("*",)},
        {"hosts": ("*.example",)},
        {"hosts": ("http://desk.lan",)},
        {"hosts": ("desk.lan/path",)},
        {"hosts": ("two words",)},
        {"hosts": ("",)},
        {"origins": ("*",)},
        {"origins": ("null",)},
        {"origins": ("page.example",)},
        {"origins": ("https://page.example/",)},
        {"origins": ("https://*.example",)},
        {"trusted_proxies": ("proxy.lan",)},
        {"trusted_proxies": ("10.0.0.0/33",)},
    ],
)
def test_what_is_no_name_is_said(wrong: dict[str, Any]) -> None:
    [(_, (name,))] = wrong.items()
    with pytest.raises(ConfigurationError) as error:
        rules_of(settings(**wrong), None)
    assert f"“{name}”" in str(error.value)


@pytest.mark.parametrize(
    "token", ["", "short", "with spaces in it and long", "schlüssel-der-lang-genug-ist", "a" * 15]
)
def test_a_token_that_could_not_be_sent_is_none(token: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        rules_of(settings(), token)
    assert not token or token not in str(error.value)


def test_where_a_server_answers() -> None:
    assert url_of("0.0.0.0", 1) == "http://127.0.0.1:1"
    assert url_of("::", 2) == "http://[::1]:2"
    assert url_of("fd00::1", 3) == "http://[fd00::1]:3"
    assert not is_loopback("localhost.evil.example")
