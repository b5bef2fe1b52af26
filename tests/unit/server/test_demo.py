"""The files of the demo page: what they are sent with, and that they hold nothing from elsewhere."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from aiproxy_desktop.resources_dir import resources_dir
from aiproxy_desktop.server.demo import demo_routes

FOLDER = resources_dir() / "demo"
FILES = sorted(path.name for path in FOLDER.iterdir())


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(demo_routes())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", trust_env=False) as client:
        yield client


async def test_each_file_comes_under_the_policy(http: httpx.AsyncClient) -> None:
    for path in ("/demo", "/demo/tokens.css", *(f"/demo/{name}" for name in FILES)):
        answer = await http.get(path)
        assert answer.status_code == 200, path
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; ")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert (await http.head(path)).headers["etag"] == answer.headers["etag"]
        again = await http.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_all_that_is_named_is_there(http: httpx.AsyncClient) -> None:
    named = set()
    for name in FILES:
        text = (FOLDER / name).read_text("utf-8")
        named |= set(re.findall(r"""["'(](/demo/[\w.-]+)""", text))
        named |= {f"/demo/{part}" for part in re.findall(r'from "\./([\w.-]+)"', text)}
    assert {"/demo/inter.ttf", "/demo/mono.ttf"} <= named
    if importlib.util.find_spec("fontpkg_inter") is None:  # where nothing is drawn, there are no fonts
        named -= {"/demo/inter.ttf", "/demo/mono.ttf"}
    missing = [one for one in sorted(named) if (await http.get(one)).status_code != 200]
    assert missing == []


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_written_into_the_page_nor_comes_from_elsewhere(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)[^\s\"]*", text) == []
    assert re.findall(r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval)\b", text) == []
    if name.endswith(".html"):
        assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", text) == []


def test_its_icons_are_the_windows() -> None:
    page = (FOLDER / "index.html").read_text("utf-8")
    symbols = re.findall(r'<symbol id="([\w-]+)"[^>]*>(.*)</symbol>', page)
    assert symbols
    for name, drawn in symbols:
        assert drawn in (resources_dir() / "icons" / f"{name}.svg").read_text("utf-8"), name


async def test_its_colours_are_the_windows(http: httpx.AsyncClient) -> None:
    style = (await http.get("/demo/tokens.css")).text
    assert "--accent: #17677A;" in style
    assert ':root[data-theme="dark"] { color-scheme: dark; --window: #151413;' in style
