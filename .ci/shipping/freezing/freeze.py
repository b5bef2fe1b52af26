"""The frozen application, by PyInstaller and `pyinstaller.spec`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from shipping import icons
from shipping.errors import FreezeError
from shipping.freezing import icu_data, portaudio, run_paths
from shipping.layout import BUILD, FROZEN, LIBRARIES, TOP, epoch, project


def make() -> None:
    """Leave it in `build/frozen/aiproxy-desktop`.

    Raises:
        ShippingError: it could not be made.
    """
    if sys.platform.startswith("linux"):
        _make_libraries()
    else:
        icons.make()  # executables bear them
    freeze(FROZEN.parent, BUILD / "pyinstaller")


def freeze(target: Path, work: Path) -> None:
    """Have PyInstaller put it together.

    Args:
        target: where its folder goes.
        work: for what is needed on the way, PyInstaller's cache of stripped libraries among it, which is at
            home otherwise.

    Raises:
        FreezeError: it could not; PyInstaller said why.
    """
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch()), "PYTHONHASHSEED": "1"}
    # The specification uses the steps' modules.
    environment |= {"PYINSTALLER_CONFIG_DIR": str(work / "cache"), "PYTHONPATH": str(TOP / ".ci")}
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(target), "--workpath", str(work), "pyinstaller.spec"]
    ended = subprocess.run(command, cwd=TOP, env=environment, check=False)
    if ended.returncode != 0:
        raise FreezeError(f"PyInstaller failed with code {ended.returncode}; it said why above.")
    if sys.platform.startswith("linux"):
        run_paths.forget_foreign(target / project.COMMAND)


def _make_libraries() -> None:
    """Those of which the application gets another build than what is installed here."""
    shutil.rmtree(LIBRARIES, ignore_errors=True)
    portaudio.make_library(LIBRARIES / portaudio.LIBRARY)
    qt = find_spec("PySide6")
    for folder in (qt.submodule_search_locations or ()) if qt else ():
        for library in Path(folder, "Qt", "lib").glob("libicudata.so.*"):
            try:
                icu_data.make_library(library, LIBRARIES / library.name)
            except (OSError, ValueError, subprocess.CalledProcessError) as error:
                raise FreezeError(f"ICU's data could not be made smaller: {error}.") from error
