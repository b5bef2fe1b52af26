"""Telemetry with the real SDK: into memory, onto a console and over a loopback socket."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

import pytest
from opentelemetry import metrics, trace
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader, NumberDataPoint
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.completion_run import CompletionRunner
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.errors import (
    AIProxyError,
    ContentBlockedError,
    InvalidEndpointError,
    ProviderFailureError,
    RateLimitError,
)
from aiproxy_desktop.core.events import (
    Finished,
    ReasoningDelta,
    Started,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.core.fallback import Target
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    MediaPart,
    Message,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from aiproxy_desktop.core.providers.openai.provider import OpenAICompatibleProvider
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.retry import NO_RETRY
from aiproxy_desktop.core.telemetry import Telemetry, telemetry_from_environment
from aiproxy_desktop.core.telemetry_export import collector_address
from aiproxy_desktop.core.testing import ScriptedProvider
from tests.dialects import DIALECTS, KEY, Dialect
from tests.image_servers import OpenAIImages
from tests.wire import ByteServer, Exchange, Reply

SECRET = "what nobody else may read"
REQUEST = CompletionRequest(
    "m",
    (Message.of("system", f"{SECRET} 1"), Message.of("user", f"{SECRET} 2")),
    temperature=0.5,
    max_tokens=100,
)
HI = (
    Started("gemini", "m"),
    TextDelta(f"{SECRET} 3"),
    UsageReported(Usage(7, 3, 2, 1)),
    Finished("stop"),
)
CALLER = {"app": "notes \ud800", "device": "desk", "client_id": "c-1", "ip": "192.0.2.7"}
CALLER_FACTS = {
    "client.app": "notes ?",
    "client.device": "desk",
    "client.id": "c-1",
    "client.ip": "192.0.2.7",
}


class Observed:
    """Telemetry into memory."""

    def __init__(self, *, capture: bool = False) -> None:
        self._spans = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self._traces = TracerProvider(shutdown_on_exit=False)
        self._traces.add_span_processor(SimpleSpanProcessor(self._spans))
        self._metrics = MeterProvider((self._reader,), shutdown_on_exit=False)
        self.telemetry = Telemetry.over(self._traces, self._metrics, capture=capture)
        self.runner = CompletionRunner(telemetry=self.telemetry)

    @property
    def spans(self) -> list[ReadableSpan]:
        return list(self._spans.get_finished_spans())

    def points(self, name: str) -> list[NumberDataPoint | HistogramDataPoint]:
        data = self._reader.get_metrics_data()
        assert data is not None
        return [
            point
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
            if isinstance(point, NumberDataPoint | HistogramDataPoint)
        ]

    async def aclose(self) -> None:
        await self.telemetry.aclose()
        self._traces.shutdown()
        self._metrics.shutdown()


@pytest.fixture
async def observed() -> AsyncIterator[Observed]:
    one = Observed()
    yield one
    await one.aclose()


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


def target(*script: StreamEvent | AIProxyError, name: str = "gemini") -> Target:
    return Target(ScriptedProvider(script, id=name, label=name.title()), "m")


async def ask(
    runner: CompletionRunner,
    *targets: Target,
    request: CompletionRequest = REQUEST,
    context: Mapping[str, Any] | None = None,
) -> list[StreamEvent]:
    return await collected(runner.stream(request, targets, NO_RETRY, context))


async def collected(events: AsyncGenerator[StreamEvent]) -> list[StreamEvent]:
    return [event async for event in events]


async def test_a_span_tells_what_the_conventions_ask_for(observed: Observed) -> None:
    assert await ask(observed.runner, target(*HI), context=CALLER) == list(HI)
    (span,) = observed.spans
    assert span.name == "chat m"
    assert span.kind is trace.SpanKind.CLIENT
    assert span.status.status_code is trace.StatusCode.UNSET
    facts = dict(span.attributes or {})
    assert facts.pop("gen_ai.response.time_to_first_chunk") >= 0  # type: ignore[operator]  # a number
    assert facts == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "gcp.gemini",
        "gen_ai.request.model": "m",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 100,
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 7,
        "gen_ai.usage.output_tokens": 3,
        "gen_ai.usage.cache_read.input_tokens": 2,
        "gen_ai.usage.reasoning.output_tokens": 1,
        **CALLER_FACTS,
    }


async def test_requests_are_counted_and_timed(observed: Observed) -> None:
    for _ in range(2):
        await ask(observed.runner, target(*HI), context=CALLER)
    facts = {"model": "m", "provider": "gemini", "status": "success", **CALLER_FACTS}
    (count,) = observed.points("ai_proxy.requests")
    assert isinstance(count, NumberDataPoint)
    assert (count.value, dict(count.attributes or {})) == (2, facts)
    (duration,) = observed.points("ai_proxy.duration")
    assert isinstance(duration, HistogramDataPoint)
    assert (duration.count, dict(duration.attributes or {})) == (2, {**facts, "operation": "completion"})


async def test_what_is_one_persons_or_one_calls_stays_out_of_metrics(observed: Observed) -> None:
    context = {"user_id": "u", "session_id": 5, "request_id": "r", "app": None, "ip": "", "other": SECRET}
    await ask(observed.runner, target(*HI), context=context)
    facts = observed.spans[0].attributes or {}
    assert (facts["user.id"], facts["session.id"], facts["client.request_id"]) == ("u", "5", "r")
    assert not [name for name in facts if name in CALLER_FACTS]
    (count,) = observed.points("ai_proxy.requests")
    assert set(count.attributes or {}) == {"model", "provider", "status"}


async def test_a_failure_and_who_answered_instead_are_one_each(observed: Observed) -> None:
    failing = target(RateLimitError("Slow down", status=429, detail=SECRET), name="openai")
    await ask(observed.runner, failing, target(*HI))
    first, second = observed.spans
    assert (first.attributes or {})["error.type"] == "RateLimitError"
    assert (first.attributes or {})["http.response.status_code"] == 429
    assert first.status.status_code is trace.StatusCode.ERROR
    assert first.status.description == "Slow down"
    assert second.status.status_code is trace.StatusCode.UNSET
    counted = {
        (facts["provider"], facts["status"], facts.get("error_type"))
        for facts in (dict(point.attributes or {}) for point in observed.points("ai_proxy.requests"))
    }
    assert counted == {("openai", "error", "RateLimitError"), ("gemini", "success", None)}


async def test_an_answer_that_breaks_off_is_a_failure(observed: Observed) -> None:
    with pytest.raises(ProviderFailureError):
        await ask(observed.runner, target(*HI[:2], ProviderFailureError("Stumbled")))
    assert (observed.spans[0].attributes or {})["error.type"] == "ProviderFailureError"


@pytest.mark.parametrize(("events", "status"), [(2, "cancelled"), (len(HI), "success")])
async def test_leaving_early_is_no_failure(observed: Observed, events: int, status: str) -> None:
    answer = observed.runner.stream(REQUEST, (target(*HI),))
    for _ in range(events):
        await anext(answer)
    await answer.aclose()
    (point,) = observed.points("ai_proxy.requests")
    assert (point.attributes or {})["status"] == status
    assert "error.type" not in (observed.spans[0].attributes or {})


async def test_a_span_is_a_child_of_the_callers(observed: Observed) -> None:
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("caller")
    with tracer.start_as_current_span("their own") as theirs:
        await ask(observed.runner, target(*HI))
    parent = observed.spans[0].parent
    assert parent is not None
    assert parent.span_id == theirs.get_span_context().span_id


async def test_what_was_said_is_not_told(observed: Observed) -> None:
    await ask(observed.runner, target(*HI), context=CALLER)
    assert SECRET not in observed.spans[0].to_json()


async def test_what_was_said_is_told_where_it_was_asked_for() -> None:
    observed = Observed(capture=True)
    messages = (
        *REQUEST.messages,
        Message("assistant", (ToolCallPart("1", "look", "{}"),)),
        Message("tool", (ToolResultPart("1", "look", "a cat"),)),
        Message("user", (TextPart("And \ud800 this?"), MediaPart("image", "image/png", b"pixels"))),
    )
    answer = (ReasoningDelta("Hm"), TextDelta("A dog"), ToolCallDelta(0, "2", "look", "{}"), HI[-1])
    await ask(observed.runner, target(*answer), request=CompletionRequest("m", messages))
    facts = observed.spans[0].attributes or {}
    assert json.loads(str(facts["gen_ai.system_instructions"])) == [
        {"type": "text", "content": f"{SECRET} 1"}
    ]
    assert json.loads(str(facts["gen_ai.input.messages"])) == [
        {"role": "user", "parts": [{"type": "text", "content": f"{SECRET} 2"}]},
        {"role": "assistant", "parts": [{"type": "tool_call", "id": "1", "name": "look", "arguments": "{}"}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "1", "response": "a cat"}]},
        {
            "role": "user",
            "parts": [
                {"type": "text", "content": "And ? this?"},
                {"type": "blob", "modality": "image", "mime_type": "image/png"},
            ],
        },
    ]
    assert json.loads(str(facts["gen_ai.output.messages"])) == [
        {
            "role": "assistant",
            "parts": [
                {"type": "reasoning", "content": "Hm"},
                {"type": "text", "content": "A dog"},
                {"type": "tool_call", "id": "2", "name": "look", "arguments": "{}"},
            ],
            "finish_reason": "stop",
        }
    ]
    await observed.aclose()


async def test_over_otlp_a_collector_gets_it(http: HttpClient) -> None:
    dialect: Dialect = DIALECTS[0]
    async with (
        ByteServer(dialect.reply(dialect.text("Hi"), dialect.finish("stop"))) as service,
        ByteServer(Reply(200, "application/x-protobuf")) as collector,
    ):
        telemetry = telemetry_from_environment(
            {"OTEL_ENABLED": "true", "OTEL_EXPORTER_TYPE": "otlp", "OTEL_ENDPOINT": collector.url}
        )
        assert telemetry is not None
        one = Target(dialect.build(http, service.url, KEY), "m")
        await ask(CompletionRunner(telemetry=telemetry), one, context=CALLER)
        await telemetry.aclose()
        sent = {exchange.path: exchange.body for exchange in collector.exchanges}
    assert set(sent) == {"/v1/traces", "/v1/metrics"}
    assert not [body for body in sent.values() if SECRET.encode() in body or KEY.encode() in body]
    (spans,) = ExportTraceServiceRequest.FromString(sent["/v1/traces"]).resource_spans
    resource = {one.key: one.value.string_value for one in spans.resource.attributes}
    assert resource["service.name"] == "aiproxy-desktop"
    (span,) = (span for scope in spans.scope_spans for span in scope.spans)
    assert span.name == "chat m"
    facts = {one.key: one.value for one in span.attributes}
    assert facts["server.address"].string_value == "127.0.0.1"
    assert facts["server.port"].int_value == int(service.url.rpartition(":")[2])
    (measured,) = ExportMetricsServiceRequest.FromString(sent["/v1/metrics"]).resource_metrics
    names = {metric.name for scope in measured.scope_metrics for metric in scope.metrics}
    assert names == {"ai_proxy.requests", "ai_proxy.duration"}


@pytest.mark.parametrize("reply", [Reply.html(404), Reply.json({"error": KEY}, 503), Reply.nothing("abort")])
async def test_a_collector_that_refuses_is_one_line(reply: Reply, expected_logs: Any) -> None:
    expected_logs.expect(
        r"^WARNING aiproxy_desktop.core.telemetry: Telemetry could not be handed over to http"
    )

    def refuse(_exchange: Exchange) -> Reply:
        return reply

    async with ByteServer(refuse) as collector:
        telemetry = telemetry_from_environment(
            {"OTEL_ENABLED": "true", "OTEL_EXPORTER_TYPE": "otlp", "OTEL_ENDPOINT": collector.url}
        )
        assert telemetry is not None
        assert await ask(CompletionRunner(telemetry=telemetry), target(*HI)) == list(HI)
        await telemetry.aclose()
    assert len(expected_logs.lines) == 1


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (
            {"OTEL_EXPORTER_TYPE": "jaeger"},
            "OTEL_EXPORTER_TYPE is “jaeger”. It can be console, otlp or none.",
        ),
        ({"OTEL_EXPORTER_TYPE": "otlp", "OTEL_ENDPOINT": "ftp://a"}, "is not a web address"),
    ],
)
async def test_what_cannot_be_set_up_is_one_line_and_fails_nothing(
    variables: dict[str, str], words: str, expected_logs: Any
) -> None:
    expected_logs.expect(f"There is no telemetry, although OTEL_ENABLED is true.*{words}")
    telemetry = telemetry_from_environment({"OTEL_ENABLED": "true", **variables})
    assert telemetry is not None
    for _ in range(2):
        assert await ask(CompletionRunner(telemetry=telemetry), target(*HI)) == list(HI)
    await telemetry.aclose()
    assert len(expected_logs.lines) == 1


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"OTEL_ENABLED": "false", "OTEL_EXPORTER_TYPE": "console"},
        {"OTEL_ENABLED": ""},
        {"OTEL_ENABLED": "true", "OTEL_EXPORTER_TYPE": "none"},
    ],
)
def test_it_is_off_unless_it_is_wanted(variables: dict[str, str]) -> None:
    assert telemetry_from_environment(variables) is None


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("", "http://localhost:4318"),
        ("localhost:4317", "http://localhost:4318"),
        ("collector", "http://collector:4318"),
        ("[::1]:4317", "http://[::1]:4318"),
        ("http://localhost:4317", "http://localhost:4318"),
        ("http://localhost:4318/", "http://localhost:4318"),
        ("http://localhost:4318/v1/traces", "http://localhost:4318"),
        ("https://otlp.example/otlp", "https://otlp.example/otlp"),
        ("http://collector:9999", "http://collector:9999"),
    ],
)
def test_every_form_of_an_endpoint_is_read(endpoint: str, address: str) -> None:
    assert collector_address(endpoint) == address


@pytest.mark.parametrize("endpoint", ["ftp://a", "http://", "http://name:secret@host", "host:port", "a b"])
def test_what_is_no_endpoint_is_refused(endpoint: str) -> None:
    with pytest.raises(InvalidEndpointError) as caught:
        collector_address(endpoint)
    assert "secret" not in str(caught.value)


async def test_the_global_providers_stay_as_they_were(observed: Observed) -> None:
    before = trace.get_tracer_provider(), metrics.get_meter_provider()
    await ask(observed.runner, target(*HI))
    assert (trace.get_tracer_provider(), metrics.get_meter_provider()) == before
    assert type(before[0]).__name__ == "ProxyTracerProvider"


async def test_others_of_this_process_are_still_heard(expected_logs: Any) -> None:
    from aiproxy_desktop.core.telemetry_export import exporting

    expected_logs.expect("theirs")
    for close in exporting("otlp", "127.0.0.1:1").closing():
        close()
    logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter").warning("theirs")


PROGRAM = """
import asyncio, os, sys
{before}
from aiproxy_desktop.core.completion_run import CompletionRunner
from aiproxy_desktop.core.events import Finished, Started, TextDelta
from aiproxy_desktop.core.fallback import Target
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.telemetry import telemetry_from_environment
from aiproxy_desktop.core.testing import ScriptedProvider

async def main():
    telemetry = telemetry_from_environment(os.environ)
    provider = ScriptedProvider((Started("s", "m"), TextDelta("Hi"), Finished("stop")))
    request = CompletionRequest("m", (Message.of("user", "Hello"),))
    async for event in CompletionRunner(telemetry=telemetry).stream(request, (Target(provider, "m"),)):
        print(type(event).__name__)
    {after}

asyncio.run(main())
print(sorted(name for name in sys.modules if name.partition(".")[0] in ("opentelemetry", "requests")))
"""
CLOSED = "await telemetry.aclose()"


def run(environ: dict[str, str], before: str = "", after: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before, after=after)],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )


def test_nothing_is_loaded_while_it_is_off() -> None:
    done = run({"OTEL_EXPORTER_TYPE": "console"})
    assert done.stdout.splitlines() == ["Started", "TextDelta", "Finished", "[]"]
    assert done.stderr == ""


@pytest.mark.parametrize("after", [CLOSED, ""], ids=["closed", "left open"])
def test_on_a_console_it_is_lines_of_json_apart_from_the_answer(after: str) -> None:
    done = run({"OTEL_ENABLED": "true"}, after=after)
    assert done.stdout.splitlines()[:3] == ["Started", "TextDelta", "Finished"]
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["name"] for line in lines if "name" in line] == ["chat m"]
    assert [
        metric["name"]
        for line in lines
        for resource in line.get("resource_metrics", ())
        for scope in resource["scope_metrics"]
        for metric in scope["metrics"]
    ] == ["ai_proxy.requests", "ai_proxy.duration"]


def test_without_its_packages_it_names_the_extra_once_and_fails_nothing() -> None:
    done = run({"OTEL_ENABLED": "true"}, before="sys.modules['opentelemetry'] = None", after=CLOSED)
    assert done.stdout.splitlines()[:3] == ["Started", "TextDelta", "Finished"]
    assert done.stderr == (
        "There is no telemetry, although OTEL_ENABLED is true. "
        'Its packages are missing: pip install "aiproxy-desktop[telemetry]"\n'
    )


async def test_requests_for_images_are_counted_and_timed(observed: Observed, http: HttpClient) -> None:
    async with OpenAIImages() as server:
        keys = StaticCredentials({"openai": KEY})
        registry = Registry([OpenAICompatibleProvider("openai", "OpenAI", f"{server.url}/v1", http, keys)])
        client = CompletionClient(registry, retries=NO_RETRY, telemetry=observed.telemetry)
        server.behave(fault="refusal", times=1)
        with pytest.raises(ContentBlockedError):
            await client.generate_image(SECRET, "gpt-image-2")
        await client.generate_image(SECRET, "gpt-image-2")
        async with client.stream_images(SECRET, "gpt-image-2", partial_images=1) as events:
            await anext(events)
            await anext(events)
        counted = {
            str(point.attributes["status"])
            for point in observed.points("ai_proxy.requests")
            if point.attributes
        }
        timed = {
            str(point.attributes["operation"])
            for point in observed.points("ai_proxy.duration")
            if point.attributes
        }
        assert counted == {"success", "error", "cancelled"}
        assert timed == {"images"}
        await client.aclose()
        await registry.aclose()
