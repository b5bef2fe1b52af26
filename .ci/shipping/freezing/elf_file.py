"""What an ELF file says of itself: its name, and which libraries it needs (System V ABI, chapter 5)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"\x7fELF"
_IDENT_64_LITTLE = (2, 1)
# Kinds of sections and of entries of the dynamic section.
_SHT_DYNAMIC, _DT_NEEDED, _DT_SONAME, _DT_RPATH, _DT_RUNPATH = 6, 1, 14, 15, 29


@dataclass(frozen=True, slots=True)
class Elf:
    """The names in its dynamic section."""

    needed: tuple[str, ...] = ()
    soname: str = ""
    search: str = ""  # where it looks for libraries first, folders between colons
    # The names of sections: `.debug_info`, `.symtab` …
    sections: tuple[str, ...] = ()


def is_elf(path: Path) -> bool:
    """Whether a file is a program, a library or an extension module of this kind."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == _MAGIC


def read(path: Path) -> Elf:
    """Read it.

    Raises:
        OSError: it cannot be read.
        ValueError: it is none, or not one of a 64-bit little-endian machine.
    """
    data = path.read_bytes()
    if data[:4] != _MAGIC or tuple(data[4:6]) != _IDENT_64_LITTLE:
        raise ValueError(f"{path} is no ELF file of a 64-bit little-endian machine")
    (table,) = struct.unpack_from("<Q", data, 40)
    size, count, names_index = struct.unpack_from("<HHH", data, 58)
    # name, kind, flags, address, offset, size, link, information, alignment, size of an entry
    headers = [struct.unpack_from("<IIQQQQIIQQ", data, table + size * at) for at in range(count)]
    if not headers:
        return Elf()
    sections = tuple(_text(data, headers[names_index][4] + header[0]) for header in headers)
    dynamic = next((header for header in headers if header[1] == _SHT_DYNAMIC), None)
    if dynamic is None:
        return Elf(sections=sections)
    texts = headers[dynamic[6]][4]
    entries = list(struct.iter_unpack("<QQ", data[dynamic[4] : dynamic[4] + dynamic[5] // 16 * 16]))

    def named(*kinds: int) -> tuple[str, ...]:
        return tuple(_text(data, texts + value) for kind, value in entries if kind in kinds)

    return Elf(
        named(_DT_NEEDED),
        "".join(named(_DT_SONAME)),
        ":".join(named(_DT_RPATH, _DT_RUNPATH)),
        sections,
    )


def _text(data: bytes, start: int) -> str:
    return data[start : data.index(b"\0", start)].decode()
