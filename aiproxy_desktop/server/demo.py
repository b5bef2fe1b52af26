"""`GET /demo`: a page that talks with a live model over this server, and nothing but this server.

Its files ship with the application; colours come from the application's own tokens, letters from its fonts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from aiproxy_desktop.resources_dir import font_file, resources_dir
from aiproxy_desktop.server.errors import Refusal

_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}
_FONTS = (
    ("inter.ttf", "fontpkg_inter", "Inter[opsz,wght].ttf"),
    ("mono.ttf", "fontpkg_jetbrains_mono", "JetBrainsMono[wght].ttf"),
)

# Nothing from elsewhere, nothing written into the page, nobody's frame, and no text that becomes markup.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "font", "img", "connect")),
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "microphone=(self), camera=(), geolocation=(), display-capture=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",  # kept, but asked about: a new version shows at once
}


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    kind: str
    tag: str


def demo_routes() -> APIRouter:
    """The page and its files, which need no token: they hold nothing of the person's.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    files = dict(_files())
    router = APIRouter(include_in_schema=False)

    def answer(request: Request, name: str) -> Response:
        file = files.get(name)
        if file is None:
            raise Refusal(404, "The demo page has no such file.")
        headers = {**_HEADERS, "etag": file.tag}
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=304, headers=headers)
        return Response(file.body, media_type=file.kind, headers=headers)

    @router.api_route("/demo", methods=["GET", "HEAD"])
    async def page(request: Request) -> Response:
        return answer(request, "index.html")

    @router.api_route("/demo/{name}", methods=["GET", "HEAD"])
    async def part(request: Request, name: str) -> Response:
        return answer(request, name)

    return router


def _files() -> Iterator[tuple[str, _File]]:
    folder = resources_dir()
    for path in sorted((folder / "demo").iterdir()):
        if path.suffix in _KINDS:
            yield path.name, _file(path.suffix, path.read_bytes())
    tokens = msgspec.json.decode((folder / "tokens.json").read_bytes())
    yield "tokens.css", _file(".css", _style(tokens["color"]).encode())
    for name, package, original in _FONTS:
        font = font_file(package, original)
        if font is not None:  # else the page makes do with the system's
            yield name, _file(".ttf", font.read_bytes())


def _file(suffix: str, body: bytes) -> _File:
    return _File(body, _KINDS[suffix], f'"{hashlib.sha256(body).hexdigest()[:24]}"')


def _style(colours: Mapping[str, Mapping[str, Any]]) -> str:
    """Both themes as custom properties: the system's choice, unless `data-theme` names one."""
    light, dark = _properties(colours["light"]), _properties(colours["dark"])
    return (
        f":root {{ color-scheme: light; {light} }}\n"
        "@media (prefers-color-scheme: dark) "
        f'{{ :root:not([data-theme="light"]) {{ color-scheme: dark; {dark} }} }}\n'
        f':root[data-theme="dark"] {{ color-scheme: dark; {dark} }}\n'
    )


def _properties(theme: Mapping[str, Any]) -> str:
    return " ".join(f"--{name}: {one['$value']};" for name, one in theme.items() if "$value" in one)
