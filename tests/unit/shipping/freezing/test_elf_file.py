"""What a library tells of itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import PySide6
import pytest
from shipping.freezing import elf_file

pytestmark = pytest.mark.skipif("not sys.platform.startswith('linux')", reason="of Linux' files")
QT = Path(PySide6.__path__[0])


def test_a_library_tells_its_name_and_what_it_needs() -> None:
    told = elf_file.read(QT / "Qt" / "lib" / "libQt6Widgets.so.6")
    assert told.soname == "libQt6Widgets.so.6"
    assert {"libQt6Gui.so.6", "libQt6Core.so.6", "libc.so.6"} <= set(told.needed)
    assert told.search == "$ORIGIN"
    assert ".text" in told.sections


def test_the_linker_reads_the_same() -> None:
    path = QT / "QtCore.abi3.so"
    told = subprocess.run(["readelf", "-dW", path], capture_output=True, text=True, check=True).stdout
    needed = [line.partition("[")[2].rstrip("]") for line in told.splitlines() if "(NEEDED)" in line]
    assert elf_file.read(path).needed == tuple(needed)


def test_what_is_none(tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no library", encoding="utf-8")
    assert not elf_file.is_elf(text)
    assert not elf_file.is_elf(tmp_path)
    assert elf_file.is_elf(Path(sys.executable).resolve())
    with pytest.raises(ValueError, match="no ELF file"):
        elf_file.read(text)
