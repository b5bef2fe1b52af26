"""What differs between two trees."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from shipping.freezing.compare import differences, main


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    for root in (tmp_path / "one", tmp_path / "other"):
        (root / "folder").mkdir(parents=True)
        (root / "folder" / "file").write_bytes(b"same")
        (root / "link").symlink_to("folder/file")
    return tmp_path / "one", tmp_path / "other"


def test_times_are_no_difference(trees: tuple[Path, Path]) -> None:
    os.utime(trees[0] / "folder" / "file", (1, 1))
    assert differences(*trees) == []
    assert main([str(tree) for tree in trees]) == 0


def test_everything_else_is(trees: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    one, other = trees
    (one / "folder" / "file").write_bytes(b"some")
    (one / "alone").touch()
    (other / "folder" / "extra").mkdir()
    (other / "link").unlink()
    (other / "link").symlink_to("folder")
    (one / "mode").touch(0o644)
    (other / "mode").touch(0o600)
    assert differences(one, other) == [
        f"only in {one}: alone",
        f"only in {other}: folder/extra",
        "the content differs: folder/file",
        "the kind or the mode differs: mode",
        "the target differs: link",
    ]
    assert main([str(one), str(other)]) == 1
    assert "the content differs: folder/file\n" in capsys.readouterr().out


def test_two_files(tmp_path: Path) -> None:
    for folder, content in (("a", b"1"), ("b", b"2")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.deb").write_bytes(content)
    assert differences(tmp_path / "a" / "x.deb", tmp_path / "b" / "x.deb") == ["the content differs: x.deb"]
