"""OpenTelemetry's SDK, held at arm's length. Imported only where telemetry is on, and on a thread."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any, TypeVar

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    ConsoleMetricExporter,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SpanExporter,
    SpanExportResult,
)

from aiproxy_desktop import __version__
from aiproxy_desktop.core.endpoints import split_url
from aiproxy_desktop.core.errors import ConfigurationError
from aiproxy_desktop.core.telemetry_facts import AttributeValue

SCOPE = "aiproxy_desktop"
DEFAULT_COLLECTOR = "localhost:4317"

# Registered for OTLP: 4317 for gRPC, 4318 for HTTP. https://opentelemetry.io/docs/specs/otlp/
_GRPC_PORT = 4317
_HTTP_PORT = 4318
_EXPORT_SECONDS = 3.0

_log = logging.getLogger("aiproxy_desktop.core.telemetry")
T = TypeVar("T")


class Instruments:
    """What is written to: a tracer, a counter and a histogram."""

    def __init__(self, tracer_provider: trace.TracerProvider, meter_provider: metrics.MeterProvider) -> None:
        self._tracer = tracer_provider.get_tracer(SCOPE, __version__)
        meter = meter_provider.get_meter(SCOPE, __version__)
        self._requests = meter.create_counter("ai_proxy.requests", "request", "Completions asked for")
        self._duration = meter.create_histogram("ai_proxy.duration", "ms", "From asking to the end")

    def start_span(self, name: str, attributes: Mapping[str, AttributeValue]) -> trace.Span:
        """Begin a span, as a child of the caller's own where there is one."""
        return self._tracer.start_span(name, kind=trace.SpanKind.CLIENT, attributes=attributes)

    def end_span(
        self, span: trace.Span, attributes: Mapping[str, AttributeValue], failure: str | None
    ) -> None:
        """End it; `failure` is a sentence about what went wrong, None where nothing did."""
        span.set_attributes(attributes)
        if failure is not None:
            span.set_status(trace.StatusCode.ERROR, failure)
        span.end()

    def count(
        self,
        attributes: Mapping[str, AttributeValue],
        milliseconds: float,
        operation: str = "completion",
    ) -> None:
        """One more request or session, and how long it took."""
        self._requests.add(1, attributes)
        self._duration.record(milliseconds, {**attributes, "operation": operation})

    def closing(self) -> Sequence[Callable[[], None]]:
        """What must be called on the way out, each on a thread. Nothing: the providers are the caller's."""
        return ()


class _OwnInstruments(Instruments):
    """Instruments with providers of their own, closed at the end of the process at the latest."""

    def __init__(self, spans: SpanExporter, measurements: MetricExporter) -> None:
        named = {} if "OTEL_SERVICE_NAME" in os.environ else {"service.name": "aiproxy-desktop"}
        resource = Resource.create(named | {"service.version": __version__})
        self._traces = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._traces.add_span_processor(BatchSpanProcessor(spans))
        reader = PeriodicExportingMetricReader(measurements)
        self._metrics = MeterProvider((reader,), resource, shutdown_on_exit=False)
        super().__init__(self._traces, self._metrics)
        atexit.register(self._at_exit)

    def closing(self) -> Sequence[Callable[[], None]]:
        atexit.unregister(self._at_exit)
        return (self._traces.shutdown, self._metrics.shutdown)

    def _at_exit(self) -> None:
        for close in self.closing():
            close()


def exporting(kind: str, endpoint: str) -> Instruments:
    """Instruments that report to standard error or to a collector.

    Args:
        kind: console or otlp.
        endpoint: the collector, as OTEL_ENDPOINT has it.

    Raises:
        ConfigurationError: there is no such exporter, or the address is none.
        ImportError: a package of the extra is missing.
    """
    if kind == "console":
        return _console(sys.stderr)
    if kind != "otlp":
        raise ConfigurationError(f"OTEL_EXPORTER_TYPE is “{kind[:40]}”", "It can be console, otlp or none.")
    base = collector_address(endpoint or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", ""))
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    _silence_libraries()
    once = _Once(f"Telemetry could not be handed over to {base}. Later failures are not told.")
    return _OwnInstruments(
        _QuietSpans(OTLPSpanExporter(f"{base}/v1/traces", timeout=_EXPORT_SECONDS), once),
        _QuietMetrics(OTLPMetricExporter(f"{base}/v1/metrics", timeout=_EXPORT_SECONDS), once),
    )


def collector_address(endpoint: str) -> str:
    """The base address of a collector's OTLP over HTTP, from any of the forms in use.

    `localhost:4317`, without a scheme, is how gRPC's exporter has it (and the default). We speak HTTP, which
    the same collector takes on the next port, so 4317 becomes 4318. A path is kept.

    Raises:
        InvalidEndpointError: it is not an address.
    """
    text = endpoint.strip() or DEFAULT_COLLECTOR
    bare = "://" not in text
    parts = split_url(f"http://{text}" if bare else text)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = parts.port
    if port == _GRPC_PORT or (port is None and bare):
        port = _HTTP_PORT
    path = parts.path.rstrip("/").removesuffix("/v1/traces").removesuffix("/v1/metrics")
    return f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{path}"


def _console(out: IO[str] | None) -> Instruments:
    if out is None:  # an application without a console
        raise ConfigurationError(
            "There is no console to report to", "Set OTEL_EXPORTER_TYPE to otlp or none."
        )
    once = _Once("Telemetry could not be written to standard error.")
    return _OwnInstruments(
        _QuietSpans(ConsoleSpanExporter(out=out, formatter=_span_line), once),
        _QuietMetrics(ConsoleMetricExporter(out=out, formatter=_metrics_line), once),
    )


def _span_line(span: ReadableSpan) -> str:
    return f"{span.to_json(indent=None)}\n"


def _metrics_line(data: MetricsData) -> str:
    return f"{data.to_json(indent=None)}\n"


class _Once:
    """A sentence for the log, said once."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence
        self._said = False

    def __call__(self) -> None:
        if not self._said:
            self._said = True
            _log.warning("%s", self._sentence)


class _QuietSpans(SpanExporter):
    """Hands spans over; what goes wrong is one sentence for the log instead of a traceback each time."""

    def __init__(self, inner: SpanExporter, failed: Callable[[], None]) -> None:
        self._inner = inner
        self._failed = failed

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = _quietly(lambda: self._inner.export(spans), SpanExportResult.FAILURE)
        if result is SpanExportResult.FAILURE:
            self._failed()
        return result

    def shutdown(self) -> None:
        _quietly(self._inner.shutdown, None)

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)


class _QuietMetrics(MetricExporter):
    """The same for measurements."""

    def __init__(self, inner: MetricExporter, failed: Callable[[], None]) -> None:
        # As the SDK's own reader asks an exporter for them; there is no public name.
        super().__init__(inner._preferred_temporality, inner._preferred_aggregation)
        self._inner = inner
        self._failed = failed

    def export(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> MetricExportResult:
        result = _quietly(
            lambda: self._inner.export(metrics_data, timeout_millis, **kwargs), MetricExportResult.FAILURE
        )
        if result is MetricExportResult.FAILURE:
            self._failed()
        return result

    def shutdown(self, timeout_millis: float = 30_000, **kwargs: Any) -> None:
        _quietly(lambda: self._inner.shutdown(timeout_millis, **kwargs), None)

    def force_flush(self, timeout_millis: float = 10_000) -> bool:
        return self._inner.force_flush(timeout_millis)


class _Handing(threading.local):
    """Whether this thread is handing something over just now."""

    active = False


_handing = _Handing()


def _quietly(work: Callable[[], T], otherwise: T) -> T:
    with _unheard():
        try:
            return work()
        except Exception:  # noqa: BLE001  # whatever a collector, a proxy or a closed pipe makes of it
            return otherwise


@contextmanager
def _unheard() -> Iterator[None]:
    _handing.active = True
    try:
        yield
    finally:
        _handing.active = False


def _heard(_record: logging.LogRecord) -> bool:
    return not _handing.active


def _silence_libraries() -> None:
    """Keep records that they make while they work for us from the log: they quote headers and addresses.

    Those that they make for anybody else in this process stay heard.
    """
    for name in list(logging.root.manager.loggerDict):
        if name.startswith(("opentelemetry.", "urllib3.")):
            logging.getLogger(name).addFilter(_heard)
