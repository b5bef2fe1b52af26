"""`python -m aiproxy_desktop`."""

from __future__ import annotations

from aiproxy_desktop.cli import start

if __name__ == "__main__":
    start()
