"""Who asked the local API, as a collector of OTLP over HTTP is told: on measurements and on spans."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.providers.openai.provider import OpenAICompatibleProvider
from aiproxy_desktop.core.telemetry import Telemetry, telemetry_from_environment
from tests.api_parts import TOKEN, hello, served
from tests.dialects import KEY
from tests.image_servers import OpenAIImages
from tests.integration.api.collector import Collector, collector
from tests.integration.api.live_client import client, live_api
from tests.waiting import until

SECRET = "what nobody else may read"
LABELS = {"X-App": "notes", "X-Device": "desk", "X-User-Id": "u-1", "X-Request-Id": "r-1"}
SEEN = {
    "client.app": "notes",
    "client.device": "desk",
    "client.id": "203.0.113.7",
    "client.ip": "203.0.113.7",
}
# One value a person or a call: on spans alone.
ON_SPANS = {"user.id": "u-1", "client.request_id": "r-1"}


@asynccontextmanager
async def collecting() -> AsyncIterator[tuple[Telemetry, Collector]]:
    """Telemetry as the environment asks for it, to a collector on loopback."""
    async with collector() as told:
        wish = {"OTEL_ENABLED": "true", "OTEL_EXPORTER_TYPE": "otlp", "OTEL_ENDPOINT": told.url}
        telemetry = telemetry_from_environment(wish)
        assert telemetry is not None
        yield telemetry, told


async def test_a_completion_is_told_with_its_client() -> None:
    async with collecting() as (telemetry, told):
        async with served("Hi", telemetry=telemetry) as api, api.http() as http:
            headers = {**LABELS, "X-Forwarded-For": "203.0.113.7"}
            body = hello(SECRET, app="over the header", stream=True)
            await http.post("/api/chat/completions", json=hello(SECRET), headers=headers)
            await http.post("/v1/chat/completions", json=body, headers={"X-Forwarded-For": "nobody"})
            await until(lambda: all(one.seconds is not None for one in api.log.recent()))
        counted = told.points("ai_proxy.requests")
        timed = told.points("ai_proxy.duration")
        span = told.spans["chat m"]
    usual = {"model": "m", "provider": "openai", "status": "success"}
    plain = {"client.app": "over the header", "client.id": "127.0.0.1", "client.ip": "127.0.0.1"}
    assert usual | SEEN in counted
    assert usual | plain in counted
    assert usual | SEEN | {"operation": "completion"} in timed
    assert span.items() >= plain.items()
    assert not [word for word in (SECRET, KEY, TOKEN) if word.encode() in told.said]


async def test_spans_say_more_of_the_client_than_measurements() -> None:
    async with collecting() as (telemetry, told):
        async with served("Hi", telemetry=telemetry) as api, api.http() as http:
            headers = {**LABELS, "Forwarded": "for=203.0.113.7"}
            await http.post("/v1/chat/completions", json=hello(), headers=headers)
        span = told.spans["chat m"]
        assert span.items() >= {**SEEN, **ON_SPANS, "gen_ai.usage.input_tokens": 11}.items()
        assert not ON_SPANS.keys() & told.points("ai_proxy.requests")[0].keys()


async def test_a_live_session_is_told_with_its_client() -> None:
    async with collecting() as (telemetry, told):
        async with live_api(telemetry=telemetry) as (api, _):
            headers = api.headers | LABELS | {"X-App": "of the header", "X-Real-IP": "203.0.113.7"}
            async with client(api, headers=headers) as one:
                await one.config(data={"app": "notes"})
                await one.say(type="text", text=SECRET)
                await one.until("turn_complete")
            await until(lambda: api.log.recent()[-1].seconds is not None)
        facts = {"model": "gemini-3.8-live", "provider": "gemini", "status": "success", **SEEN}
        assert told.points("ai_proxy.requests") == [facts]
        assert told.points("ai_proxy.duration") == [{**facts, "operation": "gemini_live_session"}]
        (name,) = told.spans
        span = told.spans[name]
    assert name == "gemini_live_session gemini-3.8-live"
    assert span.items() >= (SEEN | ON_SPANS).items()
    assert SECRET.encode() not in told.said
    assert json.dumps(span)


async def test_a_request_for_images_is_told_with_its_client() -> None:
    keys = StaticCredentials({"pictures": KEY})
    async with OpenAIImages() as service, collecting() as (telemetry, told):

        def providers(http: HttpClient) -> list[Provider]:
            return [OpenAICompatibleProvider("pictures", "Pictures", f"{service.url}/v1", http, keys)]

        async with served(providers=providers, telemetry=telemetry) as api, api.http() as http:
            body = {"model": "pictures:gpt-image-2", "prompt": SECRET, "device": "desk"}
            headers = {"X-App": "notes", "X-Forwarded-For": "203.0.113.7"}
            made = await http.post("/v1/images/generations", json=body, headers=headers)
            assert made.status_code == 200, made.text
        (point,) = told.points("ai_proxy.duration")
        span = told.spans["images gpt-image-2"]
    assert point.items() >= {**SEEN, "operation": "images", "status": "success"}.items()
    assert span.items() >= SEEN.items()
