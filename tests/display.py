"""A private X server, so that windows of tests and benchmarks meet nobody's desktop."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

SCREEN = "1600x1000x24"


@contextmanager
def private_display(*options: str) -> Iterator[str]:
    """An Xvfb of its own for as long as it is open; yields its name, `:N`.

    Args:
        options: more for its command line (Xvfb(1)).

    Raises:
        RuntimeError: Xvfb is missing or did not start.
    """
    program = shutil.which("Xvfb")
    if program is None:
        raise RuntimeError("Xvfb is not installed; `make test` installs it (Debian package xvfb)")
    reading, writing = os.pipe()
    # A test run that is killed takes its server along.
    keeper = shutil.which("setpriv")
    prefix = [keeper, "--pdeathsig", "TERM", "--"] if keeper else []
    # -noreset: without it the server starts afresh, atoms and all, whenever its last window closes.
    command = [
        *prefix,
        program,
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        SCREEN,
        "-nolisten",
        "tcp",
        "-noreset",
        *options,
    ]
    server = subprocess.Popen(
        command,
        pass_fds=(writing,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    try:
        if not number:
            assert server.stderr is not None
            raise RuntimeError(f"Xvfb did not start: {server.stderr.read().decode(errors='replace').strip()}")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()
        if server.stderr is not None:
            server.stderr.close()
