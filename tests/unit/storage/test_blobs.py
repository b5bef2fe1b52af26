from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.errors import StorageError

NOW = 1_800_000_000.0


def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "attachments", lambda: NOW)


async def test_the_same_bytes_are_kept_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    blobs = store(tmp_path)
    first, second = await blobs.put(b"a picture"), await blobs.put(b"a picture")
    assert first == second == hashlib.sha256(b"a picture").hexdigest()
    files = [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()]
    assert files == [blobs.path(first)]
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert await blobs.read(first) == b"a picture"


async def test_a_file_that_was_cut_short_is_made_whole_by_the_next_who_brings_it(tmp_path: Path) -> None:
    blobs = store(tmp_path)
    digest = await blobs.put(b"a picture")
    blobs.path(digest).write_bytes(b"a pic")
    assert await blobs.put(b"a picture") == digest
    assert await blobs.read(digest) == b"a picture"


async def test_what_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no longer there"):
        await store(tmp_path).read("0" * 64)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 63, "G" * 64, "0" * 63 + "/"])
async def test_only_a_hash_becomes_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a hash"):
        await store(tmp_path).read(name)


async def test_only_what_is_old_and_wanted_by_nothing_goes(tmp_path: Path) -> None:
    blobs = store(tmp_path)
    wanted, old, young = await blobs.put(b"1"), await blobs.put(b"2"), await blobs.put(b"3")
    for digest, age in ((wanted, 100_000), (old, 100_000), (young, 100)):
        os.utime(blobs.path(digest), (NOW - age, NOW - age))
    assert await blobs.collect({wanted}) == 1
    assert [blobs.path(digest).exists() for digest in (wanted, old, young)] == [True, False, True]
