"""ICU's package of data, taken apart and put together."""

from __future__ import annotations

import subprocess
from pathlib import Path

import PySide6
import pytest
from shipping.freezing import icu_data

pytestmark = pytest.mark.skipif("not sys.platform.startswith('linux')", reason="Qt has ICU on Linux alone")


@pytest.fixture(scope="module")
def library() -> Path:
    return next(Path(PySide6.__path__[0], "Qt", "lib").glob("libicudata.so.*"))


def test_the_whole_package_comes_out_as_it_went_in(library: Path) -> None:
    data = library.read_bytes()
    start = data.index(b"CmnD") - 12
    header, items = icu_data.read_package(data[start:])
    assert {name.partition("/")[2] for name in items} >= {
        "root.res",
        "coll/de.res",
        "zone/de.res",
        "lang/de.res",
    }
    again = icu_data.write_package(header, items)
    assert again[: len(data) - start] == data[start:]


def test_the_smaller_library_is_one_with_the_same_name(library: Path, tmp_path: Path) -> None:
    target = tmp_path / library.name
    icu_data.make_library(library, target)
    data = target.read_bytes()
    _, items = icu_data.read_package(data[data.index(b"CmnD") - 12 :])
    names = {name.partition("/")[2] for name in items}
    assert {"root.res", "coll/ucadata.icu", "zone/de.res", "gb18030.cnv"} <= names
    assert not [name for name in names if name.startswith(("lang/", "curr/", "unit/", "translit/"))]
    assert target.stat().st_size < library.stat().st_size * 0.6
    symbols = subprocess.run(["readelf", "--dyn-syms", "-W", target], capture_output=True, text=True).stdout
    assert f" icudt{library.name.rpartition('.')[2]}_dat" in symbols


def test_something_else_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "libicudata.so.1"
    other.write_bytes(b"no library" * 9)
    with pytest.raises(ValueError, match="holds none"):
        icu_data.make_library(other, tmp_path / "target")
