from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.endpoints import is_loopback, parse_base_url
from aiproxy_desktop.core.errors import InvalidEndpointError
from aiproxy_desktop.core.providers.ollama.provider import parse_ollama_host


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.groq.com/openai/v1/", "https://api.groq.com/openai/v1"),
        ("  http://127.0.0.1:8080/v1 \n", "http://127.0.0.1:8080/v1"),
        ("http://[::1]:1234", "http://[::1]:1234"),
    ],
)
def test_base_urls(text: str, url: str) -> None:
    assert parse_base_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "", "api.groq.com/v1", "localhost:8080", "ftp://x", "http://", "http://x:99999", "http://x:port", "http://x:0",
        "https://user:sk-secret@host/v1", "https://host/v1?key=1", "https://host/#a", "https://ho st", "http://a\x00b",
        "http://[::1", "file:///etc/passwd", "https:///v1",
    ],
)  # fmt: skip
def test_what_is_no_base_url(text: str) -> None:
    with pytest.raises(InvalidEndpointError) as caught:
        parse_base_url(text)
    assert "sk-secret" not in str(caught.value)
    assert caught.value.advice


@given(st.text(max_size=40) | st.text(max_size=30).map(lambda text: f"https://{text}"))
def test_any_text_is_a_base_url_or_refused(text: str) -> None:
    try:
        said = parse_base_url(text)
    except InvalidEndpointError as error:
        said = f"http://{error.title}"
    assert said.startswith(("http://", "https://"))
    assert said.isprintable()


# The forms that Ollama's own client takes (envconfig/config_test.go).
@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("1.2.3.4", "http://1.2.3.4:11434"),
        ("1.2.3.4:5678", "http://1.2.3.4:5678"),
        (":5678", "http://127.0.0.1:5678"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:5678", "http://127.0.0.1:5678"),
        ("::", "http://[::1]:11434"),
        ("[::]:5678", "http://[::1]:5678"),
        ("::1", "http://[::1]:11434"),
        ("[::1]", "http://[::1]:11434"),
        ("[2001:db8::1]:99", "http://[2001:db8::1]:99"),
        ("example.com", "http://example.com:11434"),
        ("example.com:5678", "http://example.com:5678"),
        ("http://example.com", "http://example.com:80"),
        ("https://example.com", "https://example.com:443"),
        ("HTTPS://example.com:8443/ollama/", "https://example.com:8443/ollama"),
        ("http://", "http://127.0.0.1:80"),
        ("example.com/ollama", "http://example.com:11434/ollama"),
        (" \"1.2.3.4\" ", "http://1.2.3.4:11434"),
        ("'example.com'", "http://example.com:11434"),
        (" \" 1.2.3.4 \" ", "http://1.2.3.4:11434"),
        ("http://1.2.3.4:4321", "http://1.2.3.4:4321"),
        ("https://1.2.3.4:4321", "https://1.2.3.4:4321"),
        ("https://example.com/ollama", "https://example.com:443/ollama"),
        ("http://:8080", "http://127.0.0.1:8080"),
        ("https://[::]", "https://[::1]:443"),
        ("[::1]:", "http://[::1]:11434"),
        ("example.com:", "http://example.com:11434"),
    ],
)  # fmt: skip
def test_ollama_hosts(text: str, url: str) -> None:
    assert parse_ollama_host(text) == url


@pytest.mark.parametrize(
    "text", ["ftp://x", "host:99999", ":0", ":-1", "host:port", "a b", "user:pw@host", "host?x=1"]
)
def test_what_is_no_ollama_host(text: str) -> None:
    with pytest.raises(InvalidEndpointError):
        parse_ollama_host(text)


@given(st.text(max_size=40))
def test_any_text_is_an_ollama_host_or_refused(text: str) -> None:
    try:
        url = parse_ollama_host(text)
    except InvalidEndpointError:
        return
    assert parse_ollama_host(url) == url


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("x", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
