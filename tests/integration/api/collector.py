"""A collector of OTLP over HTTP on loopback, and what it was sent, decoded by OpenTelemetry's own types.

async with collector() as told:   # OTEL_EXPORTER_TYPE=otlp, OTEL_ENDPOINT=told.url
    ...
    assert told.points("ai_proxy.requests")
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from tests.wire import ByteServer, Reply


class Collector:
    """What came so far."""

    def __init__(self, server: ByteServer) -> None:
        self._server = server

    @property
    def url(self) -> str:
        """Where it is."""
        return self._server.url

    @property
    def said(self) -> bytes:
        """All that came."""
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


@asynccontextmanager
async def collector() -> AsyncIterator[Collector]:
    """One for a block."""
    async with ByteServer(Reply(200, "application/x-protobuf")) as server:
        yield Collector(server)


def _facts(attributes: Iterable[KeyValue]) -> dict[str, Any]:
    return {
        one.key: getattr(one.value, one.value.WhichOneof("value") or "string_value") for one in attributes
    }
