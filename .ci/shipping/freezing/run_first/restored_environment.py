"""Run by the frozen application before anything else: programs that it starts find their own libraries.

PyInstaller's bootloader sets LD_LIBRARY_PATH to the application's folder and starts the application anew, so
that its libraries are found; the loader has read the variable by now. Left as it is, a browser or a file
manager opened from here would load our libraries in place of the system's.

The bootloader's own variables go as well. By them a helper of ours, which is the same program, would believe
that all of this was done for it (pyinstaller.org, "Independent subprocess").
"""

import os
import sys

if sys.platform.startswith("linux"):
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is None:
        os.environ.pop("LD_LIBRARY_PATH", None)
    else:
        os.environ["LD_LIBRARY_PATH"] = before
    for name in [name for name in os.environ if name.startswith("_PYI_")]:
        del os.environ[name]
