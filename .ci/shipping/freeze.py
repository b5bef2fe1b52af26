"""The frozen application, by PyInstaller and `pyinstaller.spec`."""

from __future__ import annotations

import os
import subprocess
import sys

from shipping.layout import BUILD, FROZEN, TOP, epoch


def make() -> None:
    """Leave it in `build/frozen/aiproxy-desktop`.

    Raises:
        subprocess.CalledProcessError: it could not be made; PyInstaller said why.
    """
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch()), "PYTHONHASHSEED": "1"}
    work = BUILD / "pyinstaller"
    environment["PYINSTALLER_CONFIG_DIR"] = str(work / "cache")
    environment["PYTHONPATH"] = str(TOP / ".ci")
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(FROZEN.parent), "--workpath", str(work), "pyinstaller.spec"]
    subprocess.run(command, cwd=TOP, env=environment, check=True)
