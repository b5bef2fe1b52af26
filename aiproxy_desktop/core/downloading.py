"""A large file from an address that the person wrote down: in pieces, and from where an attempt broke off.

The address may be local or private, since the person chose it; a redirect from the open internet may not lead
there. Only http and https, never from https back to http, nothing sent that says who asks. Ranges and
their validators after RFC 9110, sections 13.1.5 and 14.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from aiproxy_desktop.core.endpoints import split_url
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    InvalidEndpointError,
    ProtocolError,
    ProviderFailureError,
    RequestError,
    UnreachableError,
)
from aiproxy_desktop.core.failures import parse_retry_after
from aiproxy_desktop.core.fetching import Resolver, is_public, look_up
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.timeouts import Timeouts

if TYPE_CHECKING:
    from aiproxy_desktop.core.http_body import HttpBody

MOST_REDIRECTS = 8
# 2 TiB: no model is as large, and no disk is filled by a server that names a size.
MAX_FILE_BYTES = 2 * 1024**4

_TIMEOUTS = Timeouts(connect=15.0, idle=60.0)
_REDIRECTS = {301, 302, 303, 307, 308}
_RANGE = re.compile(r"bytes (?:(\d{1,15})-(\d{1,15})|\*)/(\d{1,15}|\*)$")
_PASSING = {408, 425, 429, 500, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class FileHead:
    """What an answer is before its bytes come.

    `start` is the place of the first byte that comes: 0 where the file begins anew, whatever was asked for.
    `total` is the size of the whole file in bytes, None where the server does not say. `validator` is what
    a later request goes on by, empty where the server gives none. `complete`: nothing is missing, none comes.
    """

    start: int
    total: int | None
    validator: str
    complete: bool = False


class FileAnswer:
    """An open download: its head, then `async for` over its bytes. Its caller closes it."""

    def __init__(self, head: FileHead, body: HttpBody, host: str) -> None:
        self.head = head
        self._body = body
        self._host = host
        self._at = head.start

    def __aiter__(self) -> FileAnswer:
        return self

    async def __anext__(self) -> bytes:
        """The next piece.

        Raises:
            AIProxyError: InterruptedStreamError where the connection broke or ended early; ProtocolError
                where more came than was said.
        """
        total = self.head.total
        if self.head.complete:
            raise StopAsyncIteration
        try:
            piece = await anext(self._body)
        except StopAsyncIteration:
            if total is not None and self._at < total:
                raise _interrupted(self._host) from None
            raise
        except (InterruptedStreamError, UnreachableError):
            raise _interrupted(self._host) from None
        self._at += len(piece)
        if self._at > (MAX_FILE_BYTES if total is None else total):
            raise ProtocolError(f"{self._host} sends more than it said", "Check the address.")
        return piece

    def close(self) -> None:
        """Let go of the connection."""
        self._body.close()


class FileFetcher:
    """Opens downloads. The `HttpClient` is its caller's to close."""

    def __init__(self, http: HttpClient, resolve: Resolver | None = None) -> None:
        """Describe how.

        Args:
            http: shared client.
            resolve: host and port to IP addresses; by default the system's own lookup.
        """
        self._http = http
        self._resolve = resolve or look_up

    async def open(self, url: str, offset: int = 0, validator: str = "") -> FileAnswer:
        """Ask for a file, or for the rest of it.

        Args:
            url: http or https.
            offset: bytes that are there already; 0 asks for the whole.
            validator: that of the answer which they came with; without one the whole is asked for.

        Raises:
            AIProxyError: and nothing else. `retryable` tells whether another attempt may pass. The sentence
                names the host and never the rest of the address, which may hold a token.
        """
        wanted = offset if validator else 0
        body, onward = await self._follow(url, wanted, validator)
        host = file_host(onward)
        try:
            head = _read_head(body, host, wanted)
            if head is not None:
                return FileAnswer(head, body, host)
        except BaseException:
            body.close()
            raise
        body.close()  # what is there is not a part of that file any more
        return await self.open(url)

    async def _follow(self, url: str, offset: int, validator: str) -> tuple[HttpBody, str]:
        """The head of the answer that no longer leads elsewhere, and its address."""
        near: bool | None = None
        for _ in range(MOST_REDIRECTS + 1):
            body = await self._ask(url, offset, validator)
            if body.status not in _REDIRECTS:
                return body, url
            location = body.header("location")
            body.close()
            near = await self._is_near(url) if near is None else near
            onward = _onward(url, location)
            if not near and await self._is_near(onward):
                raise RequestError(
                    f"{file_host(url)} leads to this machine or its own network",
                    "That is not followed. Give the address of the file itself.",
                )
            url = onward
        raise RequestError(f"{file_host(url)} redirects on and on", "Give the address of the file itself.")

    async def _ask(self, url: str, offset: int, validator: str) -> HttpBody:
        parts = split_url(url)
        headers = {"accept": "application/octet-stream, */*;q=0.5"}
        if offset:
            headers |= {"range": f"bytes={offset}-", "if-range": validator}
        host = file_host(url)
        address = parts._replace(fragment="").geturl()
        try:
            return await self._http.open(
                HttpCall("", host, "GET", address, headers, timeouts=_TIMEOUTS, bare=True)
            )
        except InterruptedStreamError:
            raise _interrupted(host) from None
        except UnreachableError as error:
            # The sentence for a provider would name Settings.
            raise UnreachableError(f"{host} cannot be reached", _plain_advice(error)) from None

    async def _is_near(self, url: str) -> bool:
        """Whether an address belongs to this machine or its own network; one that is not found does not."""
        from aiproxy_desktop.core.threads import on_thread

        parts = split_url(url)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = await on_thread(lambda: self._resolve(host, port), "look-up")
        except (OSError, UnicodeError):  # UnicodeError: a name that IDNA cannot encode
            return False  # behind a proxy, say, which looks it up itself
        return not all(is_public(address) for address in found)


def check_address(url: str) -> str:
    """An address that can be downloaded from, without the space around it.

    Raises:
        InvalidEndpointError: it is not one; the sentence says why.
    """
    url = url.strip()
    if "://" not in url:
        raise InvalidEndpointError(
            "That is not a whole address", "Write it from https:// on, as the browser shows it."
        )
    split_url(url)
    return url


def file_host(url: str) -> str:
    """The host of an address, fit to be shown."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    clean = "".join(char if char.isprintable() else "?" for char in host)[:80]
    return clean or "The server"


def file_name(url: str) -> str:
    """The last part of an address's path, fit to be shown; empty where it ends in a slash."""
    try:
        name = unquote(urlsplit(url).path.rpartition("/")[2])
    except ValueError:
        return ""
    return "".join(char for char in name if char.isprintable())[:150]


def _read_head(body: HttpBody, host: str, offset: int) -> FileHead | None:
    """The head of an answer to a request for what follows `offset`; None: ask again, for the whole."""
    if body.status == 416 and offset:
        found = _RANGE.match(body.header("content-range"))
        whole = found is not None and found[3] == str(offset)
        return FileHead(offset, offset, _validator(body), complete=True) if whole else None
    if body.status not in {200, 206}:
        raise _refused(body, host)
    if body.header("content-encoding") not in {"", "identity"}:
        raise ProtocolError(f"{host} sends the file compressed", "It was asked not to. Use another address.")
    if body.header("content-type").lower().startswith("text/html"):
        raise ProtocolError(
            f"{host} answers with a web page instead of a file",
            "Give the address of the file itself, or sign in first if this network asks for it.",
        )
    start, total = 0, _length(body.header("content-length"))
    if body.status == 206:
        found = _RANGE.match(body.header("content-range"))
        if found is None or found[1] is None or int(found[1]) != offset:
            if not offset:
                raise ProtocolError(f"{host} sends a part that nobody asked for", "Use another address.")
            return None
        start = offset
        total = int(found[3]) if found[3] != "*" else int(found[2]) + 1
    if total is not None and total > MAX_FILE_BYTES:
        raise ProtocolError(f"{host} names a size that no model has", "Check the address.")
    return FileHead(start, total, _validator(body))


def _validator(body: HttpBody) -> str:
    """What If-Range takes: a strong ETag, else the date of the last change."""
    etag = body.header("etag")
    if etag.startswith('"') and etag.endswith('"') and len(etag) < 500:
        return etag
    changed = body.header("last-modified")
    return changed if 0 < len(changed) < 100 else ""


def _length(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 20 else None


def _onward(url: str, location: str) -> str:
    try:
        onward = urljoin(url, location) if location else ""
        sinking = urlsplit(onward).scheme == "http" and urlsplit(url).scheme == "https"
    except ValueError:
        onward, sinking = "", False
    if not onward:
        raise RequestError(f"{file_host(url)} redirects to nowhere", "Use another address.")
    if sinking:
        raise RequestError(f"{file_host(url)} redirects from https to plain http", "Use another address.")
    return onward


def _refused(body: HttpBody, host: str) -> AIProxyError:
    status = body.status
    if status in {401, 403}:
        return RequestError(
            f"{host} does not give the file to everyone ({status})",
            "Download it in the browser, then drop it on the list of models.",
            status=status,
        )
    if status in {404, 410}:
        return RequestError(f"{host} has no file at this address ({status})", "Check it.", status=status)
    if status in _PASSING:
        import time

        wait = parse_retry_after({"retry-after": body.header("retry-after")}, time.time())
        return ProviderFailureError(
            f"{host} cannot give the file now ({status})", "Try again.", status=status, retry_after=wait
        )
    return RequestError(f"{host} answered with status {status}", "Check the address.", status=status)


def _interrupted(host: str) -> InterruptedStreamError:
    return InterruptedStreamError(
        f"The connection to {host} broke off", "What came is kept; go on when the network is back."
    )


def _plain_advice(error: UnreachableError) -> str:
    return error.advice.replace(" Start it, or change its address in Settings.", " Check the address.")
