from __future__ import annotations

import asyncio
import base64
import time
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.exchange.html import CUT, plain
from aiproxy_desktop.ui.exchange.pdf import _Document, write_pdf
from aiproxy_desktop.ui.exchange.words import InterfaceWords

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WORDS = InterfaceWords(lambda reference: reference or "")
LONG = "\n\n".join(
    f"## Part {number}\n\nSome *words* about `thyme` and more of them.\n\n- one\n- two\n\n"
    "```python\nprint('thyme')\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |"
    for number in range(300)
)


def pieces(markdown: str) -> list[str]:
    return WORDS.render_apart(markdown).split(CUT)


def read(path: Path) -> tuple[list[str], PdfReader]:
    reader = PdfReader(path)
    return [page.extract_text() for page in reader.pages], reader


async def test_a_pdf_is_a4_numbered_searchable_and_has_its_fonts(tmp_path: Path) -> None:
    target = tmp_path / "thyme.pdf"
    await write_pdf(target, "Growing thyme", ["<h1>Growing thyme</h1>", *pieces(LONG)], {})
    texts, reader = read(target)
    assert len(texts) > 10
    assert "Growing thyme" in texts[0]
    assert f"Page 1 of {len(texts)}" in texts[0]
    assert f"Page {len(texts)} of {len(texts)}" in texts[-1]
    whole = "\n".join(texts)
    assert all(f"Part {number}" in whole for number in range(300))
    # Each is there once: neither cut by the end of a page, nor painted twice to look bold.
    assert whole.count("print('thyme')") == 300
    assert whole.count("Part ") == 300
    assert texts[0].count("Growing thyme") == 1
    box = reader.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) in {(595, 842), (594, 842), (596, 842)}
    assert reader.metadata is not None
    assert reader.metadata.title == "Growing thyme"
    resources: Any = reader.pages[0]["/Resources"]
    fonts = [found.get_object() for found in resources["/Font"].values()]
    descriptors = [
        inner.get_object()["/FontDescriptor"] for one in fonts for inner in one.get("/DescendantFonts", [])
    ]
    assert descriptors
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(one.get_object()) for one in descriptors)
    assert target.stat().st_mode & 0o777 == 0o600


async def test_the_loop_lives_while_a_long_one_is_written(tmp_path: Path) -> None:
    gaps: list[float] = []

    async def tick() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    ticking = asyncio.ensure_future(tick())
    try:
        await write_pdf(tmp_path / "long.pdf", "Long", pieces(LONG + "\n\n" + "x" * 100_000), {})
    finally:
        ticking.cancel()
        await asyncio.wait([ticking])
    assert len(gaps) > 50


async def test_pictures_are_in_it_and_what_is_none_is_not(tmp_path: Path) -> None:
    good, bad, svg = "a" * 64, "b" * 64, "c" * 64
    html = "".join(f'<p><img src="attachment:{one}" alt="x"></p>' for one in (good, bad, svg))
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/hostname"/></svg>'
    await write_pdf(tmp_path / "it.pdf", "It", [html], {good: PNG, bad: b"no picture", svg: drawing})
    _, reader = read(tmp_path / "it.pdf")
    assert len(reader.pages[0].images) >= 1


async def test_the_document_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret words")
    document = _Document({})
    for name in (f"file://{tmp_path}/secret.txt", "http://127.0.0.1:1/x.png", "attachment:none", ":/x"):
        assert document.loadResource(2, name).isNull()
    html = f'<p>before</p><img src="{tmp_path}/secret.txt">'
    await write_pdf(tmp_path / "it.pdf", "It", [html], {})
    texts, _ = read(tmp_path / "it.pdf")
    assert "secret" not in texts[0]


async def test_what_looks_like_html_is_text(tmp_path: Path) -> None:
    html = [*pieces("A <b>bold</b> `List<String>`"), plain("<i>mine</i>")]
    await write_pdf(tmp_path / "it.pdf", "It", html, {})
    (text,), _ = read(tmp_path / "it.pdf")
    assert "<b>bold</b>" in text
    assert "List<String>" in text
    assert "<i>mine</i>" in text


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(AIProxyError, match="cannot be written"):
        await write_pdf(tmp_path / "none" / "it.pdf", "It", ["<p>x</p>"], {})
