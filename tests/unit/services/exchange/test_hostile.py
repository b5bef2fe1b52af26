from __future__ import annotations

import base64
import json
import os
import random
import struct
import zipfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from aiproxy_desktop.services.exchange import json_items, source
from aiproxy_desktop.services.exchange.errors import UnreadableExportError
from aiproxy_desktop.services.exchange.service import ImportSummary
from tests.unit.services.exchange.parts import history

EXPORTS = Path(__file__).parents[3] / "exports"
OURS: dict[str, Any] = json.loads((EXPORTS / "ours.json").read_text())


async def refused(tmp_path: Path, data: bytes, name: str = "it.json") -> str:
    """What is said to a file; nothing of it is in the history afterwards, and what was there still is."""
    (tmp_path / name).write_bytes(data)
    async with history(tmp_path / "history") as parts:
        if not await parts.all():
            await parts.store.create("Mine")
        with pytest.raises(UnreadableExportError) as caught:
            await parts.take_in(tmp_path / name)
        assert await parts.traces() == 1
        assert [one.conversation.title for one in await parts.all()] == ["Mine"]
    said = str(caught.value)
    assert "Nothing was imported" in said
    assert len(said) < 400
    return said


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """Our own export, whole in front, with a second conversation that is not as it must be."""
    document = deepcopy(OURS)
    bad = deepcopy(document["conversations"][0])
    bad["id"] = "e" * 32
    change(bad)
    document["conversations"].append(bad)
    return json.dumps(document).encode()


def message(number: int, **values: object) -> Callable[[dict[str, Any]], object]:
    return lambda conversation: conversation["messages"][number].update(values)


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "a circle": lambda it: it["messages"].__setitem__(slice(None), it["messages"][::-1]),
    "its own parent": message(0, parent="0" * 31 + "a"),
    "a parent that is not there": message(1, parent="f" * 32),
    "one identity twice": message(1, id="0" * 31 + "a"),
    "a leaf that is not there": lambda it: it.update(leaf="f" * 32),
    "a text that is a number": message(0, text=7),
    "no messages but a word": lambda it: it.update(messages="none"),
    "an unknown role": message(0, role="emperor"),
    "a role with a lone surrogate": message(0, role="\ud800"),
    "a gigantic number": message(1, usage={"input_tokens": 10**30}),
    "a number too large to be one": message(1, cost=1e300),
    "a negative size": lambda it: it["messages"][0]["attachments"][0].update(size=-1),
    "a path for a hash": lambda it: it["messages"][0]["attachments"][0].update(hash="../../../etc/passwd"),
    "a path for an identity": lambda it: it.update(id="../" * 30),
    "a time that is none": message(0, created_at="yesterday"),
    "a time without a zone": message(0, created_at="2026-01-01T00:00:00"),
    "a time before there were any": message(0, created_at="0001-01-01T00:00:00+14:00"),
    "a time after all": message(0, created_at="9999-12-31T23:59:59-14:00"),
    "an answer still streaming": message(1, status="streaming"),
    "options that are none": lambda it: it.update(options={"temperature": 90}),
    "parts of no kind": message(1, parts=[{"kind": "virus"}]),
    "nothing at all": lambda it: it.clear(),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_conversation_that_is_not_as_it_must_be(tmp_path: Path, wrong: str) -> None:
    assert "damaged" in await refused(tmp_path, changed(WRONG[wrong]))


async def test_numbers_without_end(tmp_path: Path) -> None:
    data = json.dumps(OURS).encode().replace(b'"cost": 0.0', b'"cost": ' + b"9" * 20_000)
    assert "damaged" in await refused(tmp_path, data)
    data = json.dumps(OURS).encode().replace(b'"cost": 0.0', b'"cost": Infinity')
    assert "damaged" in await refused(tmp_path, data)


async def test_every_cut_of_our_own_export(tmp_path: Path) -> None:
    whole = json.dumps(OURS).encode()
    for cut in sorted(random.Random(4).sample(range(len(whole)), 25)):
        assert await refused(tmp_path, whole[:cut])


@pytest.mark.parametrize("name", ["chatgpt.json", "open_webui.json"])
async def test_every_cut_of_what_others_export(tmp_path: Path, name: str) -> None:
    whole = (EXPORTS / name).read_bytes().rstrip()
    for cut in sorted(random.Random(4).sample(range(len(whole)), 25)):
        assert await refused(tmp_path, whole[:cut])


async def test_a_newer_version_is_refused_by_name(tmp_path: Path) -> None:
    said = await refused(tmp_path, json.dumps(OURS | {"version": 2}).encode())
    assert "newer version of AI Proxy Desktop, in format 2" in said
    # The version may stand behind everything else.
    late = {name: OURS[name] for name in ("attachments", "conversations", "format")} | {"version": 10**9}
    assert "newer version" in await refused(tmp_path, json.dumps(late).encode())


async def test_members_in_any_order_are_read(tmp_path: Path) -> None:
    (tmp_path / "it.json").write_text(json.dumps(OURS, sort_keys=True, indent=3))
    async with history(tmp_path / "history") as parts:
        assert await parts.take_in(tmp_path / "it.json") == ImportSummary(imported=1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbf",
        b"null",
        b"7",
        b'"text"',
        b"{}",
        b"[1, 2]",
        b'[{"a": 1}]',
        b'{"format": "something else", "version": 1}',
        b'{"format": "aiproxy-desktop", "conversations": []}',
        b"\x00\x01\x02",
        b"%PDF-1.7",
        b"[" * 100_000,
        b'[{"mapping": {}}' + b"]" * 3,
        b'{"format": "aiproxy-desktop", "version": 1, "conversations": [' + b'{"a":' * 5_000,
        b"\xff\xfe" + "[{}]".encode("utf-16-le"),
        "[{}]".encode("utf-16"),
    ],
)
async def test_files_that_are_something_else(tmp_path: Path, data: bytes) -> None:
    assert await refused(tmp_path, data)


async def test_an_attachment_that_is_not_what_its_name_says(tmp_path: Path) -> None:
    document = deepcopy(OURS)
    document["attachments"][0]["data"] = base64.b64encode(b"something else").decode()
    assert "not what it was" in await refused(tmp_path, json.dumps(document).encode())
    document["attachments"][0]["data"] = "no base64 \u20ac"
    assert "base64" in await refused(tmp_path, json.dumps(document).encode())


def packed(tmp_path: Path, files: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(tmp_path / "made.zip", "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return (tmp_path / "made.zip").read_bytes()


async def test_a_zip_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_SAFE_BYTES", 1024 * 1024)
    data = packed(tmp_path, {"conversations.json": b"[" + b" " * 20_000_000 + b"]"})
    assert len(data) < 50_000
    assert "200 times" in await refused(tmp_path, data, "it.zip")


def test_one_item_larger_than_any_conversation() -> None:
    document = json.dumps([{"mapping": {}, "title": "x" * 3_000_000}]).encode()
    with pytest.raises(UnreadableExportError, match="larger than"):
        list(json_items.members(_Stream(document), 1_000_000))


class _Stream:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def read(self, size: int, /) -> bytes:
        piece = self._data[self._at : self._at + min(size, 7_001)]
        self._at += len(piece)
        return piece


async def test_names_in_a_zip_lead_nowhere(tmp_path: Path) -> None:
    document = json.dumps({name: OURS[name] for name in ("format", "version", "conversations")}).encode()
    data = packed(
        tmp_path,
        {
            "conversations.json": document,
            "../../escaped.txt": b"x",
            "/tmp/escaped": b"y",
            "attachments/..": b"z",
        },
    )
    (tmp_path / "it.zip").write_bytes(data)
    async with history(tmp_path / "deep" / "history") as parts:
        assert await parts.take_in(tmp_path / "it.zip") == ImportSummary(imported=1, missing_files=1)
    assert not [name for _, _, names in os.walk(tmp_path) for name in names if "escaped" in name]


@pytest.mark.parametrize("cut", [30, 200, -30, -1])
async def test_a_zip_that_is_cut_off(tmp_path: Path, cut: int) -> None:
    document = json.dumps({name: OURS[name] for name in ("format", "version", "conversations")}).encode()
    data = packed(tmp_path, {"conversations.json": document * 1})
    assert "cannot be unpacked" in await refused(tmp_path, data[:cut], "it.zip")


async def test_a_zip_with_damaged_content(tmp_path: Path) -> None:
    document = json.dumps({name: OURS[name] for name in ("format", "version", "conversations")}).encode()
    data = bytearray(packed(tmp_path, {"conversations.json": document}))
    data[80] ^= 0xFF
    assert "damaged" in await refused(tmp_path, bytes(data), "it.zip")


async def test_a_locked_zip(tmp_path: Path) -> None:
    data = bytearray(packed(tmp_path, {"conversations.json": b"[]"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", 1)
    assert "password" in await refused(tmp_path, bytes(data), "it.zip")


async def test_a_zip_of_something_else(tmp_path: Path) -> None:
    assert "no conversations.json" in await refused(tmp_path, packed(tmp_path, {"a.txt": b"a"}), "it.zip")


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    async with history(tmp_path / "history") as parts:
        with pytest.raises(UnreadableExportError, match="cannot be read"):
            await parts.take_in(tmp_path / "none.json")
        with pytest.raises(UnreadableExportError, match="cannot be read"):
            await parts.take_in(tmp_path)
