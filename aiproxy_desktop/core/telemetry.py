"""Counts, durations and traces over OpenTelemetry; off unless OTEL_ENABLED is true.

The packages come with the extra `telemetry` and are imported at the first completion, on a thread. A
client has providers of its own: the global ones are neither set nor used, and nothing outlives `aclose`.

For each target that is asked:

- the counter `ai_proxy.requests`, by model, provider, status (success, error, cancelled), error_type and
  the caller's client.app, client.device, client.id and client.ip;
- the histogram `ai_proxy.duration` in milliseconds, by the same and operation (completion);
- a span named `chat {model}` with the attributes of the GenAI semantic conventions, all retries within.
  https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/

For each live session the counter and the histogram, by the operation `gemini_live_session` (or the name of
another provider), and a span of that name; for each request for images likewise, by the operation `images`.

What was said is in none of them, unless OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT asks for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import Finished, StreamEvent, Usage, UsageReported
from aiproxy_desktop.core.fallback import Target
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.telemetry_facts import (
    AttributeValue,
    caller_facts,
    metric_facts,
    request_facts,
    session_facts,
    session_span_facts,
    usage_facts,
)

if TYPE_CHECKING:
    import asyncio

    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

    from aiproxy_desktop.core.assembler import MessageAssembler
    from aiproxy_desktop.core.telemetry_export import Instruments

EXTRA = 'pip install "aiproxy-desktop[telemetry]"'
_CAPTURING = frozenset({"true", "1", "span_only", "span_and_event"})
_CLOSING_SECONDS = 3.0


def telemetry_from_environment(environ: Mapping[str, str]) -> Telemetry | None:
    """What OTEL_ENABLED and OTEL_EXPORTER_TYPE ask for; None where they ask for nothing.

    OTEL_EXPORTER_TYPE is `console` (the default: JSON lines on standard error, so that answers on standard
    output stay whole), `otlp` (to OTEL_ENDPOINT, over HTTP) or `none`. Nothing is imported or contacted.
    """
    if environ.get("OTEL_ENABLED", "").strip().lower() != "true":
        return None
    kind = environ.get("OTEL_EXPORTER_TYPE", "").strip().lower() or "console"
    if kind == "none":
        return None
    endpoint = environ.get("OTEL_ENDPOINT", "").strip()

    def build() -> Instruments:
        from aiproxy_desktop.core.telemetry_export import exporting

        return exporting(kind, endpoint)

    wish = environ.get("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "")
    return Telemetry(build, capture=wish.strip().lower() in _CAPTURING)


class Telemetry:
    """Reports what completions come to. It never makes one fail, nor wait but for the first imports."""

    def __init__(self, build: Callable[[], Instruments], *, capture: bool = False) -> None:
        """Keep for later.

        Args:
            build: makes the instruments; called once, on a thread.
            capture: put the messages into the spans.
        """
        self._build = build
        self._capture = capture
        self._instruments: Instruments | None = None
        self._building: asyncio.Future[Instruments] | None = None
        self._off = False

    @classmethod
    def over(
        cls, tracer_provider: TracerProvider, meter_provider: MeterProvider, *, capture: bool = False
    ) -> Telemetry:
        """Report to providers that the caller owns and shuts down."""

        def build() -> Instruments:
            from aiproxy_desktop.core.telemetry_export import Instruments

            return Instruments(tracer_provider, meter_provider)

        return cls(build, capture=capture)

    async def begin(
        self, target: Target, request: CompletionRequest, context: Mapping[str, Any] | None
    ) -> Operation | None:
        """Begin to observe what becomes of a request to one target; None where telemetry cannot be had.

        `context` may name `app`, `device`, `client_id` and `ip`, which go into metrics and spans, and
        `user_id`, `session_id` and `request_id`, which go into spans alone, being too many for metrics.
        """
        instruments = await self._usable()
        if instruments is None:
            return None
        return Operation(instruments, target, request, context or {}, self._capture)

    async def begin_session(
        self, operation: str, provider: str, model: str, context: Mapping[str, Any] | None
    ) -> Session | None:
        """Begin to observe a session; None where telemetry cannot be had. `context` as in `begin`."""
        instruments = await self._usable()
        if instruments is None:
            return None
        return Session(instruments, operation, provider, model, context or {})

    async def aclose(self) -> None:
        """Hand over what is left and stop. A collector that is away is waited for three seconds at most."""
        self._off = True
        if self._building is None:
            return
        import asyncio

        from aiproxy_desktop.core.threads import look_away, start_on_thread

        instruments = self._instruments or await self._ready()
        self._instruments = None
        if instruments is not None:
            closing = [start_on_thread(part, "telemetry-close") for part in instruments.closing()]
            for future in closing:
                future.add_done_callback(look_away)
            if closing:
                await asyncio.wait(closing, timeout=_CLOSING_SECONDS)

    async def _usable(self) -> Instruments | None:
        return None if self._off else self._instruments or await self._ready()

    async def _ready(self) -> Instruments | None:
        from asyncio import get_running_loop

        from aiproxy_desktop.core.threads import outlasting, start_on_thread

        building = self._building
        # One of another loop was left behind when that ended, and will never be done.
        if building is None or building.get_loop() is not get_running_loop():
            building = self._building = start_on_thread(self._build, "telemetry")
            building.add_done_callback(self._built)
        try:
            return await outlasting(building)
        except Exception:  # noqa: BLE001  # whatever it is, `_built` has told it
            return None

    def _built(self, building: asyncio.Future[Instruments]) -> None:
        import logging

        error = None if building.cancelled() else building.exception()
        if error is None and not building.cancelled():
            self._instruments = building.result()
            return
        self._off = True
        why = f"{error}" if isinstance(error, AIProxyError) else f"{type(error).__name__} on setting it up."
        if isinstance(error, ImportError):
            why = f"Its packages are missing: {EXTRA}"
        logging.getLogger(__name__).warning("There is no telemetry, although OTEL_ENABLED is true. %s", why)


class Session:
    """One session, from its start to its end."""

    __slots__ = ("_begun", "_facts", "_instruments", "_operation", "_span")

    def __init__(
        self, instruments: Instruments, operation: str, provider: str, model: str, context: Mapping[str, Any]
    ) -> None:
        self._instruments = instruments
        self._operation = operation
        self._facts = session_facts(provider, model, context)
        self._begun = time.perf_counter()
        facts = session_span_facts(operation, provider, model, context)
        self._span: Span = instruments.start_span(f"{operation} {facts['gen_ai.request.model']}", facts)

    def ended(self, error: BaseException | None = None) -> None:
        """It is over, with this error where it broke; one that is no Exception says that it was cancelled."""
        milliseconds = (time.perf_counter() - self._begun) * 1000
        facts = {**self._facts, "status": "success" if error is None else "cancelled"}
        more: dict[str, AttributeValue] = {}
        title: str | None = None
        if isinstance(error, Exception):
            facts["status"] = "error"
            facts["error_type"] = more["error.type"] = type(error).__name__
            title = error.title if isinstance(error, AIProxyError) else ""
        self._instruments.end_span(self._span, more, title)
        self._instruments.count(facts, milliseconds, self._operation)


class Operation:
    """One target asked, from the first attempt to its end."""

    __slots__ = (
        "_answer",
        "_begun",
        "_facts",
        "_instruments",
        "_more",
        "_reason",
        "_span",
        "_usage",
    )

    def __init__(
        self,
        instruments: Instruments,
        target: Target,
        request: CompletionRequest,
        context: Mapping[str, Any],
        capture: bool,
    ) -> None:
        self._instruments = instruments
        self._begun = time.perf_counter()
        self._facts = metric_facts(target, context)
        self._usage: Usage | None = None
        self._reason: str | None = None
        self._more: dict[str, AttributeValue] = {}
        self._answer: MessageAssembler | None = None
        facts = request_facts(target, request) | caller_facts(context)
        if capture:
            from aiproxy_desktop.core.assembler import MessageAssembler
            from aiproxy_desktop.core.telemetry_messages import said

            self._answer = MessageAssembler()
            facts |= said(request.messages)
        self._span: Span = instruments.start_span(f"chat {facts['gen_ai.request.model']}", facts)

    def first_token(self, seconds: float) -> None:
        """The first visible event came."""
        self._more["gen_ai.response.time_to_first_chunk"] = seconds

    def feed(self, event: StreamEvent) -> None:
        """Take in one event of the answer."""
        if self._answer is not None:
            self._answer.feed(event)
        kind = type(event)
        if kind is UsageReported:
            assert isinstance(event, UsageReported)
            self._usage = event.usage
        elif kind is Finished:
            assert isinstance(event, Finished)
            self._reason = event.reason

    def succeeded(self) -> None:
        """The answer is whole."""
        self._end("success")

    def failed(self, error: BaseException) -> None:
        """It ended early: with an error, or because nobody wanted the rest."""
        if isinstance(error, Exception):
            self._end("error", error)
        else:  # a consumer that has all of the answer may leave before the generator's own end
            self._end("cancelled" if self._reason is None else "success")

    def _end(self, status: str, error: Exception | None = None) -> None:
        milliseconds = (time.perf_counter() - self._begun) * 1000
        facts = self._facts | {"status": status}
        more = self._more | usage_facts(self._usage)
        title = ""
        if self._reason is not None:
            more["gen_ai.response.finish_reasons"] = (self._reason,)
        if error is not None:
            facts["error_type"] = more["error.type"] = type(error).__name__
            title = error.title if isinstance(error, AIProxyError) else ""
            if isinstance(error, AIProxyError) and error.status is not None:
                more["http.response.status_code"] = error.status
        if self._answer is not None:
            from aiproxy_desktop.core.telemetry_messages import answered

            more |= answered(self._answer.message, self._reason)
        self._instruments.end_span(self._span, more, title if error is not None else None)
        self._instruments.count(facts, milliseconds)
