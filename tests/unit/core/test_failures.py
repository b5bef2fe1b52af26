from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core import errors
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.failures import Refusal, failure, parse_retry_after, read_refusal

any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["error", "message", "code", "type", "status", "details", "detail", "param", "reason", "retryDelay"]
    ), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def error_for(body: Any, status: int | None = None, retry_after: float | None = None) -> AIProxyError:
    refusal = read_refusal(json.dumps(body).encode())
    return failure(refusal, label="OpenAI", provider="openai", status=status, retry_after=retry_after)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {}, errors.AuthenticationError),
        (403, {"error": {"message": "Project has no access to model"}}, errors.AuthenticationError),
        (
            400,
            {"error": {"message": "API key not valid. Please pass a valid API key."}},
            errors.AuthenticationError,
        ),
        (402, {}, errors.QuotaError),
        (429, {"error": {"code": "insufficient_quota", "message": "check your plan"}}, errors.QuotaError),
        (429, {"error": {"status": "RESOURCE_EXHAUSTED", "message": "quota"}}, errors.RateLimitError),
        (
            413,
            {"error": {"code": "rate_limit_exceeded", "message": "Request too large"}},
            errors.RequestTooLargeError,
        ),
        (
            400,
            {"error": {"message": "This model's maximum context length is 8192 tokens."}},
            errors.RequestTooLargeError,
        ),
        (400, {"error": {"type": "exceed_context_size_error", "message": "x"}}, errors.RequestTooLargeError),
        (400, {"error": {"code": "content_policy_violation"}}, errors.ContentBlockedError),
        (404, {"error": {"code": "model_not_found", "message": "x"}}, errors.ModelNotFoundError),
        (404, {"error": "model 'x' not found, try pulling it first"}, errors.ModelNotFoundError),
        (400, {"error": {"message": "The model `x` does not exist"}}, errors.ModelNotFoundError),
        (404, {"detail": "Not Found"}, errors.InvalidEndpointError),
        (404, {}, errors.InvalidEndpointError),
        (405, {}, errors.InvalidEndpointError),
        (408, {}, errors.ProviderTimeoutError),
        (422, {"detail": [{"loc": ["body"], "msg": "bad"}]}, errors.RequestError),
        (400, {"error": {"message": "temperature is out of range"}}, errors.RequestError),
        (500, {}, errors.ProviderFailureError),
        (529, {"error": {"type": "overloaded_error"}}, errors.ProviderFailureError),
        (None, {"error": {"message": "x"}}, errors.ProviderFailureError),
        (None, {"error": {"code": 429, "message": "x"}}, errors.RateLimitError),
        (None, {"error": {"code": 502, "message": "x"}}, errors.ProviderFailureError),
        (500, [{"error": {"code": 500, "message": "x"}}], errors.ProviderFailureError),
    ],
)
def test_each_refusal_has_its_kind(status: int | None, body: Any, kind: type[AIProxyError]) -> None:
    error = error_for(body, status)
    assert type(error) is kind
    assert error.title
    assert error.advice.endswith((".", "tokens", "range", "exist"))


def test_googles_wait_is_read_from_the_body() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.2s"}]
    error = error_for({"error": {"code": 429, "message": "x", "details": details}}, 429)
    assert error.retry_after == 34.2
    assert error.title == "OpenAI asks to wait 35 s"


def test_a_long_wait_is_said_in_minutes() -> None:
    assert error_for({}, 429, 3600.0).title == "OpenAI asks to wait 60 min"


@given(any_json, st.none() | st.integers(400, 599))
def test_any_error_body_is_some_error(body: Any, status: int | None) -> None:
    error = error_for(body, status)
    assert error.title
    assert str(error)


@given(st.binary(max_size=200))
def test_any_bytes_can_be_an_error_body(body: bytes) -> None:
    failure(read_refusal(body), label="It", provider="it", status=500)


def test_a_body_nested_too_deep_is_no_error_object() -> None:
    assert read_refusal(b"[" * 100_000) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": " 0.5 "}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, 50.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:01 GMT"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Thu, 99 Foo 1970"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert parse_retry_after(headers, now=10.0) == seconds


@given(st.text(max_size=40))
def test_any_retry_after_is_a_wait_or_none(text: str) -> None:
    wait = parse_retry_after({"retry-after": text}, now=0.0)
    assert wait is None or wait >= 0


def test_the_providers_words_are_bounded() -> None:
    error = failure(Refusal("x" * 100_000), label="It", provider="it", status=400)
    assert len(error.advice) <= 300
    assert len(error.detail) <= 2000


def test_the_providers_words_do_nothing_to_a_terminal() -> None:
    error = failure(Refusal("no\x1b[2J\x07 \x9bway\n"), label="It", provider="it", status=400)
    assert error.advice == "no[2J way"


def test_a_date_without_a_zone_is_greenwichs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        for text in ("Thu Jan  1 00:01:00 1970", "Thursday, 01-Jan-70 00:01:00 GMT"):
            assert parse_retry_after({"retry-after": text}, now=10.0) == 50.0
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
