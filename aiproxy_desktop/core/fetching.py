"""The one safe fetcher: media from an address that somebody else wrote down.

A model's answer, a page or a message may name any address. So: http and https alone, public addresses
alone, looked up once and connected to as looked up (a name cannot point elsewhere in between), every
redirect checked the same way, nothing sent that says who asks, bounded in size and time, media alone.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import unquote, urljoin, urlsplit

from aiproxy_desktop.core.data_urls import check_size
from aiproxy_desktop.core.endpoints import split_url
from aiproxy_desktop.core.errors import AIProxyError, InvalidEndpointError, MediaError
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.http_body import HttpBody
from aiproxy_desktop.core.media import (
    USUAL_LIMITS,
    MediaLimits,
    UnreadableMedia,
    identify,
    is_text,
    kind_of,
    plain_type,
    sniff,
    type_by_name,
)
from aiproxy_desktop.core.messages import MediaLink, MediaPart
from aiproxy_desktop.core.timeouts import Timeouts

MOST_REDIRECTS = 4
_MOST_ADDRESSES = 3
_REDIRECTS = {301, 302, 303, 307, 308}
_TIMEOUTS = Timeouts(connect=10.0, idle=20.0)
# The well-known prefix of NAT64 (RFC 6052): an IPv4 address in the last four bytes.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

Resolver = Callable[[str, int], list[str]]


class MediaFetcher:
    """Loads media links from the web. The `HttpClient` is its caller's to close."""

    def __init__(
        self,
        http: HttpClient,
        *,
        allow_private: bool = False,
        seconds: float = 120.0,
        limits: MediaLimits = USUAL_LIMITS,
        resolve: Resolver | None = None,
    ) -> None:
        """Describe what may be fetched.

        Args:
            http: shared client.
            allow_private: whether this machine and its own network may be asked, too; a server of
                others' requests never allows it.
            seconds: for one link in all, redirects included.
            limits: bytes of one part of each kind.
            resolve: host and port to IP addresses; by default the system's own lookup.
        """
        self._http = http
        self._allow_private = allow_private
        self._seconds = seconds
        self._limits = limits
        self._resolve = resolve or look_up

    async def fetch(self, link: MediaLink) -> MediaPart:
        """The media that a link leads to.

        Raises:
            MediaError: it could not be had, is not allowed, too large, or not media. The sentence
                names the host and never the rest of the address, which may hold a token.
        """
        import asyncio

        try:
            async with asyncio.timeout(self._seconds):
                return await self._follow(link)
        except TimeoutError:
            raise MediaError(
                f"The {link.kind} at {_host(link.place)} took too long",
                f"It was not whole after {self._seconds:g} s. Try again, or send the file itself.",
            ) from None

    async def _follow(self, link: MediaLink) -> MediaPart:
        url = link.place
        for _ in range(MOST_REDIRECTS + 1):
            body = await self._open(url, link)
            try:
                if body.status not in _REDIRECTS:
                    return await self._read(body, url, link)
                onward = body.header("location")
            finally:
                body.close()
            url = _onward(url, onward, link)
        raise _failed(link, url, "leads on and on", f"It was redirected more than {MOST_REDIRECTS} times.")

    async def _open(self, url: str, link: MediaLink) -> HttpBody:
        """The head of the answer of the first address that answers."""
        try:
            parts = split_url(url)
        except InvalidEndpointError as error:
            raise _failed(link, url, "has no sound address", error.advice) from None
        host = (parts.hostname or "").rstrip(".")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        addresses = await self._addresses(host, port, url, link)
        failure: AIProxyError | None = None
        for address in addresses[:_MOST_ADDRESSES]:
            call = HttpCall(
                "",
                host,
                "GET",
                parts._replace(netloc=_ascii_netloc(host, parts.port), fragment="").geturl(),
                # A connection to an address is not used again: the next host there may be another one.
                {"accept": f"{_ACCEPTED[link.kind]}, */*;q=0.5", "connection": "close"},
                timeouts=_TIMEOUTS,
                address=address,
                bare=True,
            )
            try:
                return await self._http.open(call)
            except AIProxyError as error:
                failure = error
        assert failure is not None
        raise _failed(
            link, url, "could not be loaded", f"{failure.title}. Check the address, or send the file."
        )

    async def _addresses(self, host: str, port: int, url: str, link: MediaLink) -> list[str]:
        """Where the host is, each one checked."""
        from aiproxy_desktop.core.threads import on_thread

        try:
            found = await on_thread(lambda: self._resolve(host, port), "look-up")
        except (OSError, UnicodeError):  # UnicodeError: a name that IDNA cannot encode
            found = []
        if not found:
            raise _failed(link, url, "could not be loaded", "No machine of that name was found.")
        if not self._allow_private and not all(is_public(address) for address in found):
            raise _failed(
                link,
                url,
                "is not fetched",
                "The address belongs to this machine or its own network. Send the file.",
            )
        return found

    async def _read(self, body: HttpBody, url: str, link: MediaLink) -> MediaPart:
        if body.status != 200:
            raise _failed(link, url, "could not be loaded", f"The server answered with status {body.status}.")
        if body.header("content-encoding") not in {"", "identity"}:
            raise _failed(
                link, url, "could not be loaded", "It came compressed, although it was asked not to."
            )
        limit = self._limits.of(link.kind)
        label = plain_type(body.header("content-type"))
        name = link.name or _file_name(url)
        try:
            length = body.header("content-length")
            check_size(int(length) if length.isdecimal() and len(length) < 20 else 0, limit)
            data = await _bounded(body, limit)
            return identify(link.kind, data, _media_type(link, data, label, name), name)
        except UnreadableMedia as found:
            raise _failed(link, url, found.what, found.advice) from None
        except AIProxyError as error:
            raise _failed(link, url, "did not come whole", f"{error.title}. Try again.") from None


_ACCEPTED = {
    "image": "image/*",
    "audio": "audio/*",
    "video": "video/*",
    "document": "application/pdf, text/*;q=0.9",
}


def look_up(host: str, port: int) -> list[str]:
    """The IP addresses of a host, in the system's order. Blocks.

    Raises:
        OSError: there is none.
        UnicodeError: the name cannot be one.
    """
    import socket

    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, whatever it is wrapped in."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found.is_site_local:  # given up long ago (RFC 3879), and still some networks' own
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


async def _bounded(body: HttpBody, limit: int) -> bytes:
    found = bytearray()
    async for chunk in body:
        found += chunk
        check_size(len(found), limit)
    return bytes(found)


def _media_type(link: MediaLink, data: bytes, label: str, name: str) -> str:
    """The type that an answer has where its bytes do not tell.

    Raises:
        UnreadableMedia: it is neither media nor, where a document is wanted, text.
    """
    guessed = "" if sniff(data) else label or plain_type(link.mime) or type_by_name(name)
    if not guessed or kind_of(guessed) != "document" or (link.kind == "document" and is_text(guessed)):
        return guessed
    what = "a web page" if guessed == "text/html" else f"of the type “{guessed[:60]}”"
    raise UnreadableMedia(f"is {what}", f"That is no {link.kind}. Link to the file itself.")


def _onward(url: str, location: str, link: MediaLink) -> str:
    """Where a redirect leads; `_open` checks it like the first."""
    try:
        onward = urljoin(url, location)
        plain = urlsplit(onward).scheme == "http"
    except ValueError:
        onward, plain = "", False
    if not location or not onward:
        raise _failed(link, url, "could not be loaded", "The server redirects to nowhere.")
    if plain and urlsplit(url).scheme == "https":
        raise _failed(link, url, "is not fetched", "The server redirects from https to plain http.")
    return onward


def _ascii_netloc(host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host if host.isascii() else host.encode("idna").decode()
    return f"{name}:{port}" if port is not None else name


def _file_name(url: str) -> str:
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    return "".join(char for char in name if char.isprintable())[:100]


def _host(url: str) -> str:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    clean = "".join(char if char.isprintable() else "?" for char in host)[:80]
    return clean or "an address that is none"


def _failed(link: MediaLink, url: str, what: str, advice: str) -> MediaError:
    return MediaError(f"The {link.kind} at {_host(url)} {what}", advice)
