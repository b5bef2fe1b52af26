"""Who is let in by the local API, over real sockets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from aiproxy_desktop.server.application import build_application
from aiproxy_desktop.server.asgi import App
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.rules import Limits
from tests.api_parts import TOKEN, hello, served
from tests.wire import Reply

CHAT = "/v1/chat/completions"
PAGE = "https://page.example"


def said(answer: httpx.Response) -> str:
    """What a refusal says, in both shapes."""
    body = answer.json()
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert body["detail"] == body["error"]["message"]
    assert TOKEN not in answer.text
    assert "Traceback" not in answer.text
    return str(body["detail"])


def assert_no_banner(answer: httpx.Response) -> None:
    assert "server" not in answer.headers
    assert "date" not in answer.headers
    assert "x-powered-by" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_question_is_answered() -> None:
    async with served(["Hel", "lo"]) as api, api.http() as http:
        answer = await http.post(CHAT, json=hello())
        assert answer.status_code == 200
        assert answer.json()["choices"][0]["message"]["content"] == "Hello"
        assert api.upstream.exchanges[-1].json["messages"] == hello()["messages"]
        assert [one.status for one in api.log.recent()] == [200]
        assert_no_banner(answer)
        streamed = await http.post(CHAT, json=hello(stream=True))
        assert streamed.text.endswith("data: [DONE]\n\n")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": b"Bearer " + "schlüssel-ключ".encode()},
        {"Authorization": b"Bearer \xff\xfe"},
    ],
)
async def test_without_the_token_nothing_is_answered(given: dict[str, Any]) -> None:
    async with served() as api, httpx.AsyncClient(base_url=api.url, trust_env=False) as http:
        for path in (CHAT, f"{CHAT}?token={TOKEN}&api_key={TOKEN}"):
            answer = await http.post(path, json=hello(), headers=given)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["error"]["code"] == "invalid_api_key"
            assert "token" in said(answer)
            assert_no_banner(answer)
        assert (await http.get("/openapi.json")).status_code == 401
        assert not api.upstream.exchanges
        assert (
            await http.get("/openapi.json", headers={"Authorization": f"bearer {TOKEN}"})
        ).status_code == 200


async def test_a_name_that_somebody_points_here_is_not_answered() -> None:
    async with served() as api, api.http() as http:
        for host in ("evil.example", f"evil.example:{api.port}", "127.0.0.1", f"localhost.:{api.port}", ""):
            answer = await http.post(CHAT, json=hello(), headers={"Host": host})
            assert answer.status_code == 421
            assert "name" in said(answer)
        for host in (f"LOCALHOST:{api.port}", f"[::1]:{api.port}"):
            assert (await http.post(CHAT, json=hello(), headers={"Host": host})).status_code == 200
        api.rules = replace(api.rules, hosts=api.rules.hosts | {"api.example"})
        assert (await http.post(CHAT, json=hello(), headers={"Host": "api.example"})).status_code == 200


async def test_on_all_addresses_the_one_that_was_called_is_a_name() -> None:
    async with served() as api, api.http() as http:
        api.rules = replace(api.rules, hosts=frozenset(), any_address=True)
        assert (await http.post(CHAT, json=hello())).status_code == 200
        other = {"Host": f"127.0.0.2:{api.port}"}
        assert (await http.post(CHAT, json=hello(), headers=other)).status_code == 421


async def test_pages_of_others_are_refused() -> None:
    async with served() as api, api.http() as http:
        for origin in (PAGE, "null", f"https://127.0.0.1:{api.port}", f"http://localhost:{api.port}"):
            answer = await http.post(CHAT, json=hello(), headers={"Origin": origin})
            assert answer.status_code == 403
            assert "page" in said(answer)
            assert not [name for name in answer.headers if name.startswith("access-control")]
        asked = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
        assert (await http.options(CHAT, headers=asked)).status_code == 403
        for site in ("cross-site", "same-site"):
            assert (await http.get("/openapi.json", headers={"Sec-Fetch-Site": site})).status_code == 403
        assert not api.upstream.exchanges
        assert (await http.post(CHAT, json=hello(), headers={"Origin": api.url})).status_code == 200


async def test_a_page_that_may_reads_its_answers() -> None:
    async with served(origins=[PAGE]) as api, api.http() as http:
        asked = {
            "Origin": PAGE,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        allowed = await http.options(CHAT, headers={**asked, "Authorization": ""})
        assert allowed.status_code == 204
        assert allowed.headers["access-control-allow-origin"] == PAGE
        assert allowed.headers["access-control-allow-headers"] == "authorization,content-type"
        answer = await http.post(CHAT, json=hello(), headers={"Origin": PAGE})
        assert answer.headers["access-control-allow-origin"] == PAGE
        refused = await http.post(CHAT, json=hello(), headers={"Origin": PAGE, "Authorization": "Bearer no"})
        assert refused.status_code == 401
        assert refused.headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=b"},
        {"Content-Type": "application/jsonx"},
        {"Content-Type": ""},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_what_a_form_could_send_is_no_request(headers: dict[str, str]) -> None:
    # No token either: what a page can send without asking first must not depend on it.
    async with served(token=None) as api, api.http() as http:
        answer = await http.post(CHAT, content=b'{"model": "openai:m"}', headers=headers)
        assert answer.status_code == 415
        assert said(answer)
        assert not api.upstream.exchanges


async def test_the_log_tells_why_nobody_was_let_in() -> None:
    async with served() as api, api.http(headers={"Authorization": "Bearer wrong"}) as http:
        assert (await http.post(f"{CHAT}?token={TOKEN}", json=hello())).status_code == 401
        assert (await http.post(CHAT, json=hello(), headers={"Host": "evil.example"})).status_code == 421
        lines = api.log.recent()
        assert [(one.status, one.path, one.peer) for one in lines] == [
            (401, CHAT, "127.0.0.1"),
            (421, CHAT, "127.0.0.1"),
        ]
        assert "token" in lines[0].error
        assert TOKEN not in repr(lines)


async def test_headers_that_could_mean_two_things_are_refused() -> None:
    async with served() as api, api.http() as http:
        twice = [("Authorization", f"Bearer {TOKEN}"), ("Authorization", "Bearer other")]
        answer = await http.post(CHAT, json=hello(), headers=twice)
        assert answer.status_code == 400
        assert "authorization" in said(answer)


async def test_what_is_nowhere_is_told_in_the_same_shape() -> None:
    async with served() as api, api.http() as http:
        for path in (
            "/nowhere",
            "/v1/chat/completions/",
            "/demo/%2e%2e/v1/models",
            "/demo/..%2f..%2fetc%2fpasswd",
        ):
            answer = await http.get(path)
            assert answer.status_code == 404
            assert said(answer)
        answer = await http.put(CHAT, json={})
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
        assert said(answer)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[]",
        b'"text"',
        b'{"model": "openai:m", "messages": [',
        b'{"model": "\xff"}',
        b'{"model": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 200 + b"1" + b"}" * 200,
        b'{"a": [' + b"1," * 600_000 + b"1]}",
        b'{"model": 5, "messages": []}',
        b'{"model": "openai:m", "messages": {}}',
    ],
)
async def test_bad_bodies_get_a_sentence(body: bytes) -> None:
    async with served() as api, api.http(headers={"Content-Type": "application/json"}) as http:
        answer = await http.post(CHAT, content=body)
        assert answer.status_code in {400, 404, 413}
        assert said(answer).endswith(".")
        assert not [one for one in api.upstream.exchanges if one.method == "POST"]
        assert (await http.post(CHAT, json=hello())).status_code == 200


async def test_a_body_that_is_too_large_is_refused_and_the_connection_stays_good() -> None:
    async with served(limits=Limits(body=100_000)) as api, api.http() as http:
        for more in ({}, {"Expect": "100-continue"}):
            answer = await http.post(CHAT, json=hello("x" * 3_000_000), headers=more)
            assert answer.status_code == 413
            assert "large" in said(answer)

        async def pieces() -> Any:
            for _ in range(50):
                yield b'"' + b"x" * 65_000

        typed = {"Content-Type": "application/json"}
        assert (await http.post(CHAT, content=pieces(), headers=typed)).status_code == 413
        assert (await http.post(CHAT, json=hello())).status_code == 200


async def test_what_needs_no_token_takes_no_large_body() -> None:
    async with served() as api, httpx.AsyncClient(base_url=api.url, trust_env=False) as http:
        assert (await http.request("GET", "/health", content=b"x" * 1000)).status_code == 200
        assert (await http.request("GET", "/health", content=b"x" * 1_000_000)).status_code == 413


async def test_all_bodies_together_have_a_bound() -> None:
    async with served(limits=Limits(memory=100_000)) as api, api.http() as http:
        answer = await http.post(CHAT, json=hello("x" * 200_000))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert said(answer)
        for _ in range(4):  # and what is given back is there again
            assert (await http.post(CHAT, json=hello("x" * 60_000))).status_code == 200


async def test_nothing_of_a_failure_in_the_server_is_told(expected_logs: Any) -> None:
    expected_logs.expect(r"ERROR .*a request to the local API failed")

    def broken() -> Any:
        raise RuntimeError("a secret")

    def with_broken_names(backend: ApiBackend) -> App:
        return build_application(replace(backend, names=broken))

    async with served(routes=with_broken_names) as api, api.http() as http:
        answer = await http.post(CHAT, json=hello())
        assert answer.status_code == 500
        assert said(answer)
        assert "secret" not in answer.text


@pytest.mark.parametrize("stream", [False, True])
async def test_a_providers_refusal_is_told_in_openais_shape(stream: bool) -> None:
    error = {"error": {"message": "slow down", "type": "x", "code": "rate_limit_exceeded"}}
    async with served(Reply.json(error, 429, {"Retry-After": "7"})) as api, api.http() as http:
        answer = await http.post(CHAT, json=hello(stream=stream))
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
        assert answer.json()["error"]["code"] == "rate_limit_exceeded"
        assert said(answer)
