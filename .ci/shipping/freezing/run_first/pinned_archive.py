"""Run by the frozen application before anything else: an upgrade does not pull its modules from under it.

The modules lie in the executable, and PyInstaller's importer opens that by its name for each of them. While a
window is open, a package manager puts a newer file in its place, where the same bytes mean something else.
The file that this process was started from stays readable for as long as it is open.
"""

import os
import sys

if sys.platform.startswith("linux"):
    import pyimod02_importers  # type: ignore[import-not-found]  # it is made of frozen applications

    archive = pyimod02_importers.pyz_archive
    archive._filename = f"/proc/self/fd/{os.open(archive._filename, os.O_RDONLY)}"
