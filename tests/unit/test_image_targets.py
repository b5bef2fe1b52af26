"""What `aiproxy-desktop image` refuses to write to, before anything is sent."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

import pytest

from aiproxy_desktop.commands.image_targets import targets_of
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.named_files import write_named


def asked(output: str | Path, **options: object) -> Namespace:
    plain = {"n": 1, "format": None, "force": True, "mask": None, "no_protect": False, "background": None}
    return Namespace(output=Path(output), **(plain | options))


@pytest.mark.parametrize(
    ("output", "options", "words"),
    [
        ("-", {"format": "png"}, "not to standard output"),
        (f"{'x' * 4000}.png", {}, "cannot be written"),
        ("pipe.png", {}, "a device, a pipe or a socket"),
        ("folder.png", {}, "is a folder"),
        ("leads-nowhere.png", {"force": False}, "is there already"),
        ("boat.jpg", {"background": "transparent"}, "cannot have a transparent background"),
    ],
)
def test_what_cannot_be_written_is_said(
    output: str, options: dict[str, object], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.png")
    Path("folder.png").mkdir()
    Path("leads-nowhere.png").symlink_to("nowhere.png")
    with pytest.raises(AIProxyError, match=words) as refused:
        targets_of(asked(output, **options))
    assert len(str(refused.value)) < 400
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.png", "leads-nowhere.png", "pipe.png"]


def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    with pytest.raises(StorageError, match="no file"):
        write_named(pipe, b"picture")
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]
