"""ICU's data without what Qt never asks for: of 31 MB, 16.

Qt asks it to compare words, as its file dialog sorts, to convert texts of old encodings, and for names of
time zones. Names of languages, currencies and units it brings itself, as it does rules for breaking lines.
"""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

from shipping.layout import BUILD

# Trees of a package of data, and single files in it. https://unicode-org.github.io/icu/userguide/icu_data/
_LEFT_OUT = ("brkitr", "curr", "lang", "rbnf", "region", "translit", "unit")
_LEFT_OUT_FILES = ("unames.icu", "confusables.cfu")
_LEFT_OUT_ENDINGS = (".spp",)
# The magic of ICU's data, and the format of a package of many (common/ucmndata.h, UDataOffsetTOC).
_MAGIC, _FORMAT = 0x27DA, b"CmnD"
_ALIGNED = 16
_PADDING = b"\xaa"  # as ICU's own tool has it

_LIBRARY = """
    .section .rodata
    .balign 16
    .globl {symbol}
    .type {symbol}, @object
{symbol}:
    .incbin "{data}"
    .size {symbol}, . - {symbol}
    .section .note.GNU-stack, "", @progbits
"""


def make_library(original: Path, target: Path) -> None:
    """Write a library like `original`, `libicudata.so.73` say, with less data in it.

    Raises:
        ValueError: its data is not of the form known here.
        FileNotFoundError: gcc is missing.
        subprocess.CalledProcessError: it cannot be linked; gcc said why.
    """
    work = BUILD / "icu"
    work.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    library = original.read_bytes()
    header, items = read_package(library[_start(library) :])
    (work / "data.dat").write_bytes(
        write_package(header, {name: items[name] for name in items if _wanted(name)})
    )
    symbol = f"icudt{original.name.rpartition('.')[2]}_dat"
    (work / "data.s").write_text(_LIBRARY.format(symbol=symbol, data="data.dat"), encoding="ascii")
    command = ["gcc", "-shared", "-nostdlib", f"-Wl,-soname,{original.name}", "-Wl,--hash-style=gnu"]
    subprocess.run([*command, "-o", str(target.resolve()), "data.s"], cwd=work, check=True)


def read_package(data: bytes) -> tuple[bytes, dict[str, bytes]]:
    """The header of a package of data, and each item's name and bytes, which end with the next one.

    Raises:
        ValueError: it is no such package.
    """
    size, magic = struct.unpack_from("<HH", data)
    if magic != _MAGIC or data[12:16] != _FORMAT:
        raise ValueError("the data of ICU has another form than expected")
    (count,) = struct.unpack_from("<I", data, size)
    table = [struct.unpack_from("<II", data, size + 4 + 8 * at) for at in range(count)]
    names = [data[size + at : data.index(b"\0", size + at)].decode("ascii") for at, _ in table]
    starts = [start for _, start in table]
    # The end of the last one is not told. What follows it in a library is small and does no harm.
    ends = [*starts[1:], len(data) - size]
    items = (data[size + start : size + end] for start, end in zip(starts, ends, strict=True))
    return data[:size], dict(zip(names, items, strict=True))


def write_package(header: bytes, items: Mapping[str, bytes]) -> bytes:
    """A package with these items; names are sorted, as ICU looks for them."""
    names = sorted(items)
    texts = b"".join(name.encode("ascii") + b"\0" for name in names)
    table_size = 4 + 8 * len(names)
    table = [struct.pack("<I", len(names))]
    body = bytearray()
    text_at = table_size
    data_at = -(-(table_size + len(texts)) // _ALIGNED) * _ALIGNED
    for name in names:
        table.append(struct.pack("<II", text_at, data_at + len(body)))
        text_at += len(name) + 1
        body += items[name]
        body += bytes(-len(body) % _ALIGNED)
    front = b"".join(table) + texts
    return header + front + _PADDING * (data_at - len(front)) + bytes(body)


def _start(library: bytes) -> int:
    """Where the package begins in a library: in front of its form's name."""
    at = library.find(struct.pack("<H", _MAGIC))
    while at != -1:
        if library[at + 10 : at + 14] == _FORMAT:
            return at - 2
        at = library.find(struct.pack("<H", _MAGIC), at + 1)
    raise ValueError("the library of ICU's data holds none")


def _wanted(name: str) -> bool:
    """Whether an item, `icudt73l/coll/de.res` say, is kept."""
    _, _, path = name.partition("/")
    folder, _, _ = path.rpartition("/")
    return not (folder in _LEFT_OUT or path in _LEFT_OUT_FILES or path.endswith(_LEFT_OUT_ENDINGS))
