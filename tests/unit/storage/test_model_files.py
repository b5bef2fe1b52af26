from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.model_files import PartFile, SpoiledFileError, choose_target, size_in_words
from tests.file_server import gguf

DATA = gguf(50_000)
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Qwen3-4B-Q4_K_M.gguf", "Qwen3-4B-Q4_K_M.gguf"),
        ("../../etc/passwd", "etc-passwd.gguf"),
        ("C:\\x\\y", "C-x-y.gguf"),
        ("Ein Modell für alle", "Ein-Modell-für-alle.gguf"),
        ("", "model.gguf"),
        ("...", "model.gguf"),
        ("<b>\x00\n", "b.gguf"),
        ("a" * 1000, "a" * 120 + ".gguf"),
    ],
)
def test_a_name_from_outside_becomes_one_file_in_the_folder(tmp_path: Path, name: str, file: str) -> None:
    assert choose_target(tmp_path, name) == tmp_path / file


def test_no_name_is_given_twice(tmp_path: Path) -> None:
    taken = {str(tmp_path / "a.gguf")}
    (tmp_path / "a-2.gguf").touch()
    (tmp_path / "a-3.gguf.part").touch()
    assert choose_target(tmp_path, "a", taken) == tmp_path / "a-4.gguf"
    (tmp_path / "b.gguf").write_bytes(DATA)
    assert choose_target(tmp_path, "b", (), DIGEST) == tmp_path / "b.gguf"
    assert choose_target(tmp_path, "b", (), "00" * 32) == tmp_path / "b-2.gguf"


def test_what_was_there_counts_for_the_checksum(tmp_path: Path) -> None:
    first = PartFile(tmp_path / "new" / "a.gguf")
    assert first.open() == 0
    first.write(DATA[:20_000])
    first.close()
    again = PartFile(tmp_path / "new" / "a.gguf")
    assert again.open() == 20_000
    again.write(DATA[20_000:])
    again.finish(DIGEST)
    assert again.done
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.gguf"]


@pytest.mark.parametrize(("data", "digest"), [(DATA, "00" * 32), (b"GGUF", ""), (b"", ""), (b"PK" * 99, "")])
def test_what_is_not_it_gets_no_name_and_stays(tmp_path: Path, data: bytes, digest: str) -> None:
    part = PartFile(tmp_path / "a.gguf")
    part.open()
    part.write(data)
    with pytest.raises(SpoiledFileError):
        part.finish(digest)
    part.close()
    assert not part.done
    assert (tmp_path / "a.gguf.part").read_bytes() == data
    part.discard()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be written"):
        PartFile(tmp_path / "file" / "a.gguf").open()


def test_sizes_read_as_file_managers_show_them() -> None:
    assert [size_in_words(size) for size in (12, 1500, 2_500_000, 1_240_000_000)] == [
        "12 bytes",
        "1.5 KB",
        "2.5 MB",
        "1.2 GB",
    ]
