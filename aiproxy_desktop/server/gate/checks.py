"""What a request has to show before anything of it is read: whom it asks, from where, and its token.

A browser on this machine lets any page send requests here. `Host` ends those that came by a name which
somebody else points here (DNS rebinding), `Origin` those of other pages, and the type of the body those that
a form could send without asking first.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from aiproxy_desktop.server.clients import label
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.rules import Rules

BodyKind: TypeAlias = Literal["json", "files", "ignored"]

# Answered without a token: they tell nothing of the person, and the page has to load before it can ask.
_OPEN_PATHS = frozenset({"/", "/health", "/demo"})
_OPEN_BELOW = "/demo/"
_READING = frozenset({"GET", "HEAD"})
_UPLOADS = frozenset({"/v1/images/edits"})

# Twice, each of these could mean two things to two readers.
_SINGLE = frozenset({b"host", b"origin", b"authorization", b"content-type", b"content-length"})

# Characters of a name that nobody knows, as a sentence repeats it.
_LONGEST_SHOWN = 80

_TOKEN_ADVICE = "Send the one in Settings, Local API, as a bearer token."  # noqa: S105 - a sentence


@dataclass(frozen=True, slots=True)
class Headers:
    """A request's headers, by lower-case name; the last of several."""

    by_name: Mapping[bytes, bytes]

    @classmethod
    def of(cls, pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
        """Read them.

        Raises:
            Refusal: one that has to be alone is there twice.
        """
        found: dict[bytes, bytes] = {}
        for name, value in pairs:
            if name in found and name in _SINGLE:
                raise Refusal(400, f"The header “{name.decode('latin-1')}” came more than once.")
            found[name] = value
        return cls(found)

    def text(self, name: bytes) -> str:
        """A value, trimmed and in lower case; empty where there is none."""
        return self.by_name.get(name, b"").decode("latin-1").strip().lower()


def check_host(scope: Mapping[str, Any], headers: Headers, rules: Rules) -> str:
    """The host that is asked for.

    Raises:
        Refusal: it is none of this server's names.
    """
    host = headers.text(b"host")
    if host in rules.hosts or (rules.any_address and host in _own_address(scope)):
        return host
    raise Refusal(
        421,
        f"This server does not answer under the name “{_shown(host)}”. "
        "Add it in Settings, Local API, if it is meant to.",
        code="unknown_host",
    )


def check_origin(scope: Mapping[str, Any], headers: Headers, rules: Rules, host: str) -> bool:
    """Whether a page of another, allowed origin asks.

    Raises:
        Refusal: a page asks that may not.
    """
    origin = headers.text(b"origin")
    if not origin:
        # A page of the same machine is "same-site", whatever its port.
        foreign = headers.text(b"sec-fetch-site") in {"cross-site", "same-site"}
        if foreign and not is_open(scope):
            raise _no_page("")
        return False
    # With the scheme: a page that came unencrypted is another one than its namesake.
    own = f"{'https' if scope['scheme'] in {'https', 'wss'} else 'http'}://{host}"
    if origin == own:
        return False
    if origin in rules.origins:
        return True
    raise _no_page(origin)


def check_token(headers: Headers, rules: Rules) -> None:
    """Let a request with the token through.

    Raises:
        Refusal: it brings none, or another.
    """
    if rules.token is None:
        return
    kind, _, given = headers.by_name.get(b"authorization", b"").partition(b" ")
    if kind.lower() != b"bearer" or not same_token(given.strip(), rules):
        raise wrong_token()


def same_token(given: bytes, rules: Rules) -> bool:
    """Whether something is the token, in a time that tells nothing of it."""
    return rules.token is None or hmac.compare_digest(given, rules.token)


def wrong_token() -> Refusal:
    """What is said to a client without the token."""
    return Refusal(
        401,
        f"The token is missing or wrong. {_TOKEN_ADVICE}",
        code="invalid_api_key",
        headers=(("www-authenticate", "Bearer"),),
    )


def check_type(scope: Mapping[str, Any], headers: Headers) -> BodyKind:
    """What the body is.

    Raises:
        Refusal: it is of another type, or packed.
    """
    if scope["method"] != "POST" or _is_empty(headers):  # the one with a body that a page sends unasked
        return "ignored"
    packed = headers.text(b"content-encoding")
    if packed not in {"", "identity"}:
        raise Refusal(415, f"The body is packed ({packed[:40]}). Send it as it is.")
    kind = headers.text(b"content-type").partition(";")[0].strip()
    if kind == "application/json":
        return "json"
    if kind == "multipart/form-data" and scope["path"] in _UPLOADS:
        return "files"
    raise Refusal(415, "The body has to be JSON. Send it with “Content-Type: application/json”.")


def is_open(scope: Mapping[str, Any]) -> bool:
    """Whether a request is answered without a token."""
    if scope["type"] != "http" or scope["method"] not in _READING:
        return False
    path: str = scope["path"]
    return path in _OPEN_PATHS or path.startswith(_OPEN_BELOW)


def _is_empty(headers: Headers) -> bool:
    names = headers.by_name
    sized = b"transfer-encoding" in names or names.get(b"content-length", b"0").strip(b"0")
    return not sized and not names.get(b"content-type")


def _no_page(origin: str) -> Refusal:
    page = f"A page of “{_shown(origin)}”" if origin else "This page"
    return Refusal(
        403,
        f"{page} may not use the local API. Add its origin in Settings, Local API, if it should.",
        code="origin_not_allowed",
    )


def _shown(name: str) -> str:
    return label(name)[:_LONGEST_SHOWN]


def _own_address(scope: Mapping[str, Any]) -> tuple[str, ...]:
    server = scope.get("server")
    if not server or server[1] is None:
        return ()
    address, port = server
    address = address.partition("%")[0].removeprefix("::ffff:")
    name = f"[{address}]" if ":" in address else address
    return (f"{name}:{port}", name) if port == 80 else (f"{name}:{port}",)
