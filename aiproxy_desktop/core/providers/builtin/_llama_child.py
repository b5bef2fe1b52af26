"""The process that runs llama.cpp's server, so that a crash in native code never takes the window with it.

It reads one line of JSON (a `ServerConfig`) from standard input, answers with one marked line of JSON
(`{"port": …}` or `{"error": …}`), and lives until its standard input ends or its parent does. Whatever
native code prints goes the same way as the answer, without the mark.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from aiproxy_desktop.system import serve_the_window

# Smaller than llama.cpp's own: between two batches it notices that nobody waits for the answer any more.
_BATCH_TOKENS = 256

# Seconds between two signs of life while a long prompt is read.
_PING_SECONDS = 10

# Only warnings and errors; the rest would be a line or more for every request.
_VERBOSITY = 2


def main() -> int:
    """Serve until the parent is gone."""
    # Also where the process group does not already keep it away: Ctrl-C is the parent's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = sys.stdin.buffer.readline()
    if not line:
        return 0
    config: dict[str, Any] = json.loads(line)
    serve_the_window(config["parent"])
    # The server lives as long as this name.
    server, answer = _start(config)
    _tell(config["mark"], answer)
    if server is None:
        return 1
    sys.stdin.buffer.read()
    # There is nothing to save, and native threads may take their time to end.
    os._exit(0)


def _start(config: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The running server, or None, and what to tell the parent about it."""
    try:
        with open(config["path"], "rb") as file:  # noqa: PTH123  # pathlib would cost an import
            if file.read(4) != b"GGUF":
                return None, {"error": "not_a_model"}
    except OSError as error:
        return None, {"error": "unreadable", "detail": error.strerror}
    try:
        import xllamacpp
    except ImportError as error:
        return None, {"error": "no_runtime", "detail": str(error)}
    try:
        server = xllamacpp.Server(_parameters(xllamacpp.CommonParams(), config))
    except (RuntimeError, ValueError) as error:
        return None, {"error": "not_loaded", "detail": str(error)}
    return server, {"port": int(server.listening_address.rpartition(":")[2])}


def _parameters(params: Any, config: dict[str, Any]) -> Any:
    params.model.path = config["path"]
    params.model_alias = {config["alias"]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [config["key"]]
    # No web page has any business here; by default every origin may ask.
    params.cors_origins = "http://127.0.0.1"
    params.ui = False
    params.endpoint_slots = False
    params.n_ctx = config["context"]
    # Requests share one context, and each may fill it alone. When together they would overfill it all of
    # them fail, so the parent never sends more than fit.
    params.n_parallel = config["slots"]
    params.kv_unified = True
    params.n_batch = _BATCH_TOKENS
    params.n_ubatch = _BATCH_TOKENS
    params.cpuparams.n_threads = config["threads"]
    params.cpuparams_batch.n_threads = config["reading_threads"]
    # By default it keeps up to 8 GB of former prompts in memory.
    params.cache_ram_mib = 0
    params.cache_idle_slots = False
    params.sleep_idle_seconds = config["sleep_seconds"]
    params.sse_ping_interval = _PING_SECONDS
    params.verbosity = _VERBOSITY
    return params


def _tell(mark: str, answer: dict[str, Any]) -> None:
    # One write, so that no native line can come in between.
    os.write(1, f"\n{mark}{json.dumps(answer)}\n".encode())


if __name__ == "__main__":
    sys.exit(main())
