"""An Ollama server apart from its answers: is it there, what does it hold, fetch, load, delete."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from aiproxy_desktop.core.administration import ModelDetails, PullProgress, RunningModel
from aiproxy_desktop.core.endpoints import is_loopback, origin
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    InvalidEndpointError,
    InvalidRequestError,
    ModelNotFoundError,
    ProtocolError,
    ProviderFailureError,
    RequestError,
    UnreachableError,
)
from aiproxy_desktop.core.failures import Refusal, read_refusal
from aiproxy_desktop.core.framing import JsonLinesDecoder
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.http_body import HttpBody
from aiproxy_desktop.core.list_bodies import MAX_LIST_BYTES, read_list
from aiproxy_desktop.core.listening import listens
from aiproxy_desktop.core.providers._base import LIST_TIMEOUTS, HttpProvider
from aiproxy_desktop.core.providers.ollama.host import parse_ollama_host
from aiproxy_desktop.core.providers.ollama.models import (
    Tag,
    read_details,
    read_progress,
    read_running,
    read_tag,
)
from aiproxy_desktop.core.providers.ollama.steps import newest_steps, read_step
from aiproxy_desktop.core.timeouts import Timeouts
from aiproxy_desktop.core.wire_json import decode_json, encode_json

# A server may report its progress a thousand times a second; nobody looks at it as often.
_STEPS_SECONDS = 0.1

# A server on this machine takes a connection at once or never.
_NEAR_SECONDS = 0.5

# What is told of one model, its license and template included, takes some hundred kilobytes at most.
_SHORT_BYTES = 4 * 1024 * 1024

T = TypeVar("T")

_any_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class OllamaServer(HttpProvider):
    """What an Ollama server does besides answering. Nothing here fetches or loads a model unasked."""

    def __init__(
        self, http: HttpClient, host: str = "", provider_id: str = "ollama", label: str = "Ollama"
    ) -> None:
        super().__init__(provider_id, label, http)
        self._host = host

    @property
    def vendor(self) -> str:
        """Under which name tables and rules know its models; empty where that is its id."""
        return "" if self.id == "ollama" else "ollama"

    @property
    def server(self) -> str:
        """The base URL of its server; empty where the host is not one."""
        try:
            return parse_ollama_host(self._host)
        except InvalidEndpointError:
            return ""

    @property
    def here(self) -> bool:
        """Whether its server is this machine."""
        return is_loopback(urlsplit(self.server).hostname or "")

    async def detect(self) -> bool:
        """Whether an Ollama server is there. Never raises, and costs next to nothing where it is not."""
        try:
            return bool(await self.version())
        except AIProxyError:
            return False

    async def version(self) -> str:
        """The server's version, as in `0.12.3`.

        Raises:
            AIProxyError: and nothing else.
        """
        version = (await self.ask("GET", "/api/version")).get("version")
        if not isinstance(version, str) or not version:
            raise self._no_ollama()
        return version

    async def pull(self, model: str) -> AsyncGenerator[PullProgress]:
        """Fetch a model, step by step; it is there once the generator ends.

        Of steps of one layer that come within a tenth of a second, only the newest may be told.
        Closing the generator or cancelling its task closes the connection, which stops the download;
        another pull goes on from there.

        Raises:
            AIProxyError: and nothing else. ModelNotFoundError where Ollama's library has no such model;
                InterruptedStreamError where the connection ended before the server said success.
        """
        call = self.call("POST", "/api/pull", {"model": self._name_of(model), "stream": True})
        try:
            body = await self._http.open(call)
            try:
                async with aclosing(self._progress(body, call)) as steps:
                    async for step in steps:
                        yield step
                        if step.status == "success":
                            await body.drain()
                            return
            finally:
                body.close()
        except AIProxyError as error:
            raise self._about_pull(error, model) from None
        raise self._about_pull(InterruptedStreamError("", provider=self.id), model)

    async def ensure_model(
        self, model: str, on_progress: Callable[[PullProgress], None] | None = None
    ) -> bool:
        """Fetch a model only if it is missing; whether it was.

        Raises:
            AIProxyError: as `pull` and `show`.
        """
        try:
            await self.show(model)
        except ModelNotFoundError:
            async with aclosing(self.pull(model)) as steps:
                async for step in steps:
                    if on_progress is not None:
                        on_progress(step)
            return True
        return False

    async def delete(self, model: str) -> None:
        """Delete a model from the server's disk.

        Raises:
            AIProxyError: and nothing else. ModelNotFoundError where it is not there.
        """
        call = self.call("DELETE", "/api/delete", {"model": self._name_of(model)}, LIST_TIMEOUTS)
        with self._could_not(f"delete {shown_name(model)}"):
            await self._http.fetch(call)

    async def tags(self) -> tuple[Tag, ...]:
        """The models on the server's disk, those that complete no text included; one short question.

        Raises:
            AIProxyError: and nothing else.
        """
        rows, _ = await self.tag_rows(read_tag)
        return tuple(tag for tag in rows if tag is not None)

    async def show(self, model: str) -> ModelDetails:
        """All that the server tells of a model: capabilities, context, license, template.

        Raises:
            AIProxyError: and nothing else. ModelNotFoundError where it is not there.
        """
        payload = await self.ask("POST", "/api/show", {"model": self._name_of(model)})
        return read_details(payload, model, self.id, here=self.here)

    async def running(self) -> tuple[RunningModel, ...]:
        """The models that are loaded now.

        Raises:
            AIProxyError: and nothing else.
        """
        rows = (await self.ask("GET", "/api/ps")).get("models")
        if not isinstance(rows, list):
            raise self._no_ollama()
        found = (read_running(row) for row in rows if isinstance(row, Mapping))
        return tuple(model for model in found if model is not None)

    async def unload(self, model: str) -> None:
        """Take a model out of memory now.

        Raises:
            AIProxyError: and nothing else.
        """
        with self._could_not(f"unload {shown_name(model)}"):
            await self._generate_nothing({"model": self._name_of(model), "keep_alive": 0})

    async def load(self, model: str, context: int, keep_alive: str | float | None = None) -> None:
        """Put a model into memory with a context of so many tokens, for so long after its last request.

        `keep_alive` is in seconds or in Go's words ("10m"); negative is for ever, None what the server is
        set to (5 minutes unless OLLAMA_KEEP_ALIVE says otherwise).

        Raises:
            AIProxyError: and nothing else. ModelNotFoundError where it is not there.
        """
        order: dict[str, Any] = {"model": self._name_of(model), "options": {"num_ctx": context}}
        await self._generate_nothing(order if keep_alive is None else {**order, "keep_alive": keep_alive})

    def base_url(self) -> str:
        """Where the server is.

        Raises:
            InvalidEndpointError: the host is not one.
        """
        try:
            return parse_ollama_host(self._host)
        except InvalidEndpointError as error:
            error.provider = self.id
            raise

    def call(self, method: str, path: str, value: Any = None, timeouts: Timeouts | None = None) -> HttpCall:
        """A request; `value` becomes its JSON body.

        Raises:
            InvalidEndpointError: the host is not one.
        """
        content = None if value is None else encode_json(value)
        headers = {} if content is None else {"content-type": "application/json"}
        return HttpCall(self.id, self.label, method, self.base_url() + path, headers, content, None, timeouts)

    async def ask(self, method: str, path: str, value: Any = None) -> Mapping[str, Any]:
        """The JSON object that a short question is answered with.

        Raises:
            AIProxyError: and nothing else.
        """
        call = self.call(method, path, value, LIST_TIMEOUTS)
        await self._check_near(call.url)
        return await self.object_of(call)

    async def object_of(self, call: HttpCall) -> Mapping[str, Any]:
        """The same of a call, to a server that is known to be there.

        Raises:
            AIProxyError: and nothing else.
        """
        payload, _ = await read_list(await self._http.fetch(call, _SHORT_BYTES), ("models",))
        if not isinstance(payload, Mapping):
            raise self._no_ollama()
        return payload

    async def tag_rows(self, read: Callable[[Mapping[str, Any]], T | None]) -> tuple[list[T | None], int]:
        """The rows of /api/tags, each as `read` makes it of one, and how many the server sent.

        `read` may be called on a thread. What is no row is None.

        Raises:
            AIProxyError: and nothing else.
        """
        call = self.call("GET", "/api/tags", None, LIST_TIMEOUTS)
        await self._check_near(call.url)

        def read_row(row: Any) -> T | None:
            return read(row) if isinstance(row, Mapping) else None

        payload, total = await read_list(await self._http.fetch(call, MAX_LIST_BYTES), ("models",), read_row)
        if not isinstance(payload, Mapping):
            raise self._no_ollama()
        rows = payload.get("models")
        if not isinstance(rows, list):
            raise self.unreadable_list()
        return rows, total

    async def _check_near(self, url: str) -> None:
        """Tell that nothing listens on this machine, before an HTTP library is imported for it."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if is_loopback(host) and not await listens(host, parts.port or 0, _NEAR_SECONDS):
            raise UnreachableError(
                f"{self.label} cannot be reached",
                f"Nothing answers at {origin(url)}. Start it, or change its address in Settings.",
                provider=self.id,
            )

    async def _progress(self, body: HttpBody, call: HttpCall) -> AsyncGenerator[PullProgress]:
        lines = JsonLinesDecoder()
        async for chunk in body:
            for line in newest_steps(lines.feed(chunk)):
                step = read_step(line)
                if step is not None:
                    yield step
                    continue
                payload = decode_json(_any_decoder, line)
                if not isinstance(payload, Mapping):
                    raise self._no_ollama()
                if payload.get("error"):
                    raise self._http.failure(read_refusal(line) or Refusal(), call)
                yield read_progress(payload)
            body.space(_STEPS_SECONDS)

    async def _generate_nothing(self, order: Mapping[str, Any]) -> None:
        """Without a prompt, /api/generate only loads the model, or unloads it."""
        call = self.call("POST", "/api/generate", {**order, "stream": False})
        payload = decode_json(_any_decoder, await self._http.fetch(call))
        refusal = read_refusal(payload) if isinstance(payload, Mapping) and payload.get("error") else None
        if refusal is not None:
            raise self._http.failure(refusal, call)

    def _name_of(self, model: str) -> str:
        name = model.strip()
        if not name:
            raise InvalidRequestError(
                "The model has no name", "Say which one, as in llama3.2.", provider=self.id
            )
        return name

    @contextmanager
    def _could_not(self, what: str) -> Iterator[None]:
        """A failure of the server's own in words that fit, with the reason it gave."""
        try:
            yield
        except RequestError as error:
            if type(error) is RequestError:  # its kinds say more than that
                self._tell(error, what)
            raise
        except ProviderFailureError as error:
            self._tell(error, what)
            raise

    def _tell(self, error: AIProxyError, what: str) -> None:
        error.title = f"{self.label} could not {what}"
        error.advice = one_line(error.detail) or "It gave no reason. Try again in a moment."

    def _about_pull(self, error: AIProxyError, model: str) -> AIProxyError:
        """The same failure in words that fit a download."""
        shown = shown_name(model)
        if isinstance(error, InterruptedStreamError):
            error.title = f"The download of {shown} broke off"
            error.advice = "What came is kept; fetch it again to go on from there."
        elif isinstance(error, ModelNotFoundError):
            error.title = f"There is no model {shown} to fetch"
            error.advice = "Check its name at ollama.com/library."
        elif isinstance(error, ProviderFailureError):
            self._tell(error, f"fetch {shown}")
        return error

    def _no_ollama(self) -> ProtocolError:
        return ProtocolError(
            f"{self.label} gave an answer that cannot be read",
            "Check its address in Settings; another program may be listening there.",
            provider=self.id,
        )


def shown_name(model: str) -> str:
    """A model's name as it may stand in a sentence."""
    return "".join(char for char in model[:80] if char.isprintable())


def one_line(text: str) -> str:
    """A server's own words as one line of at most 300 characters."""
    words = "".join(char for char in " ".join(text[:600].split()) if char.isprintable())
    return words if len(words) <= 300 else words[:299] + "…"
