"""Who asked the local API, as a collector of OTLP over HTTP is told: on measurements and on spans."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from aiproxy_desktop.core.telemetry import Telemetry, telemetry_from_environment
from tests.api_parts import TOKEN, hello, served
from tests.dialects import KEY
from tests.integration.api.live_client import client, live_api
from tests.waiting import until
from tests.wire import ByteServer, Reply

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


class Collector:
    """What a collector was sent."""

    def __init__(self, server: ByteServer) -> None:
        self._server = server

    @property
    def said(self) -> bytes:
        """All of it."""
        return b"".join(exchange.body for exchange in self._server.exchanges)

    @property
    def spans(self) -> dict[str, dict[str, Any]]:
        """Attributes by the name of the span."""
        return {
            span.name: _facts(span.attributes)
            for body in self._bodies("/v1/traces")
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }

    def points(self, name: str) -> list[dict[str, Any]]:
        """Attributes of the points of a measurement."""
        return [
            _facts(point.attributes)
            for body in self._bodies("/v1/metrics")
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in (metric.sum.data_points or metric.histogram.data_points)
        ]

    def _bodies(self, path: str) -> list[bytes]:
        return [exchange.body for exchange in self._server.exchanges if exchange.path == path]


def _facts(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    return {
        one.key: getattr(one.value, one.value.WhichOneof("value") or "string_value") for one in attributes
    }


@asynccontextmanager
async def collecting() -> AsyncIterator[tuple[Telemetry, Collector]]:
    """Telemetry as the environment asks for it, to a collector on loopback."""
    async with ByteServer(Reply(200, "application/x-protobuf")) as server:
        wish = {"OTEL_ENABLED": "true", "OTEL_EXPORTER_TYPE": "otlp", "OTEL_ENDPOINT": server.url}
        telemetry = telemetry_from_environment(wish)
        assert telemetry is not None
        yield telemetry, Collector(server)


async def test_a_completion_is_told_with_its_client() -> None:
    async with collecting() as (telemetry, collector):
        async with served("Hi", telemetry=telemetry) as api, api.http() as http:
            headers = {**LABELS, "X-Forwarded-For": "203.0.113.7"}
            body = hello(SECRET, app="over the header", stream=True)
            await http.post("/api/chat/completions", json=hello(SECRET), headers=headers)
            await http.post("/v1/chat/completions", json=body, headers={"X-Forwarded-For": "nobody"})
            await until(lambda: all(one.seconds is not None for one in api.log.recent()))
        counted = collector.points("ai_proxy.requests")
        timed = collector.points("ai_proxy.duration")
        span = collector.spans["chat m"]
    usual = {"model": "m", "provider": "openai", "status": "success"}
    plain = {"client.app": "over the header", "client.id": "127.0.0.1", "client.ip": "127.0.0.1"}
    assert usual | SEEN in counted
    assert usual | plain in counted
    assert usual | SEEN | {"operation": "completion"} in timed
    assert span.items() >= plain.items()
    assert not [word for word in (SECRET, KEY, TOKEN) if word.encode() in collector.said]


async def test_spans_say_more_of_the_client_than_measurements() -> None:
    async with collecting() as (telemetry, collector):
        async with served("Hi", telemetry=telemetry) as api, api.http() as http:
            headers = {**LABELS, "Forwarded": "for=203.0.113.7"}
            await http.post("/v1/chat/completions", json=hello(), headers=headers)
        span = collector.spans["chat m"]
        assert span.items() >= {**SEEN, **ON_SPANS, "gen_ai.usage.input_tokens": 11}.items()
        assert not ON_SPANS.keys() & collector.points("ai_proxy.requests")[0].keys()


async def test_a_live_session_is_told_with_its_client() -> None:
    async with collecting() as (telemetry, collector):
        async with live_api(telemetry=telemetry) as (api, _):
            headers = api.headers | LABELS | {"X-App": "of the header", "X-Real-IP": "203.0.113.7"}
            async with client(api, headers=headers) as one:
                await one.config(data={"app": "notes"})
                await one.say(type="text", text=SECRET)
                await one.until("turn_complete")
            await until(lambda: api.log.recent()[-1].seconds is not None)
        facts = {"model": "gemini-3.8-live", "provider": "gemini", "status": "success", **SEEN}
        assert collector.points("ai_proxy.requests") == [facts]
        assert collector.points("ai_proxy.duration") == [{**facts, "operation": "gemini_live_session"}]
        (name,) = collector.spans
        span = collector.spans[name]
    assert name == "gemini_live_session gemini-3.8-live"
    assert span.items() >= (SEEN | ON_SPANS).items()
    assert SECRET.encode() not in collector.said
    assert json.dumps(span)
