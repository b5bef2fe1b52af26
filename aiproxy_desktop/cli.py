"""The front door on the command line: what is asked for, and how it ends."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from aiproxy_desktop import __version__
from aiproxy_desktop.options import DEFAULT_SMOKE_PROMPT, AppOptions
from aiproxy_desktop.project import COMMAND
from aiproxy_desktop.system import API_WORKER_ARGUMENT, MODEL_PROCESS_ARGUMENT

if TYPE_CHECKING:  # --help and --version need nothing of the core
    from aiproxy_desktop.core.redaction import Redactor

Command: TypeAlias = "Callable[[argparse.Namespace, Redactor], Coroutine[Any, Any, None]]"

_DESCRIPTION = "Chat with language models in one window. Without a command the window opens."
_INTERRUPTED = 130

# For one `image`; see `services.images.making`.
_MOST_IMAGES = 10
_MOST_FEATHER = 500
_MOST_PATIENCE = 3600

# Commands that open it.
_WINDOW = frozenset({None, "open"})

_MOST_PORT = 65535
_MOST_WORKERS = 64


def start() -> NoReturn:
    """The whole process: `main`, and the end."""
    leave(main())


def leave(code: int) -> NoReturn:
    """End the process.

    Raises:
        SystemExit: with the code, where there was no window.
    """
    if "shiboken6" in sys.modules:
        # All that is anyone's has been closed. A thread that is still importing something stands in Qt for
        # Python's own hook, and the end of the interpreter would take it from there with an abort.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say.

    Returns:
        0 done, 1 failed (after one line on standard error), 130 interrupted by Ctrl-C.

    Raises:
        SystemExit: with 2 for wrong usage, with 0 after --help and --version.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    if arguments == [MODEL_PROCESS_ARGUMENT]:
        from aiproxy_desktop.core.providers.builtin._llama_child import main as run_model

        return run_model()
    if arguments == [API_WORKER_ARGUMENT]:
        from aiproxy_desktop.commands.serve_worker import main as run_worker

        return run_worker()
    _forgive_odd_characters()
    parser = command_line()
    options = parser.parse_args(arguments)
    if options.prompt is not None and options.smoke is None:
        parser.error("--prompt goes with --smoke")
    if options.command == "image":
        _check_image(options)
    try:
        return _run(options)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough. What is still buffered would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0


def _run(options: argparse.Namespace) -> int:
    from aiproxy_desktop.core.errors import AIProxyError
    from aiproxy_desktop.core.redaction import Redactor

    redactor = Redactor()
    try:
        if options.command in _WINDOW:
            return _open_window(options)
        return _run_command(options, redactor)
    except AIProxyError as error:
        _complain(str(error))
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:  # noqa: BLE001  # the contract is one line, whatever happened
        kept = _keep(error, options, redactor)
        _complain(f"Something in the application went wrong ({type(error).__name__}). {kept}")
    return 1


def _open_window(options: argparse.Namespace) -> int:
    from aiproxy_desktop.core.errors import ConfigurationError

    try:
        from aiproxy_desktop.app import run
    except ImportError as error:
        raise ConfigurationError(
            f"The window cannot be opened ({error})",
            "Install what is named there, or start it with `make run`, which does so.",
        ) from error
    prompt = DEFAULT_SMOKE_PROMPT if options.prompt is None else options.prompt
    # The window that is open already has another current folder.
    files = tuple(path.absolute() for path in getattr(options, "files", ()))
    return run(AppOptions(options.data_dir, options.smoke, prompt, files))


def _run_command(options: argparse.Namespace, redactor: Redactor) -> int:
    import asyncio
    import logging

    # Standard error is for the one line; nothing else of ours or of a library goes there.
    logging.getLogger().addHandler(logging.NullHandler())
    work: Command = options.work
    # What answers itself is faster on that loop, which in turn starts no process groups.
    if getattr(options, "workers", 0) == 1:
        from aiproxy_desktop.server.loops import server_loop

        with asyncio.Runner(loop_factory=server_loop) as runner:
            runner.run(work(options, redactor))
    else:
        asyncio.run(work(options, redactor))
    sys.stdout.flush()
    return 0


def _complain(sentence: str) -> None:
    with suppress(OSError):
        sys.stdout.flush()
    sys.stderr.write(f"{COMMAND}: {' '.join(sentence.split())}\n")


def _keep(error: Exception, options: argparse.Namespace, redactor: Redactor) -> str:
    """Put a traceback into the log, without any key that was met on the way, and say where it is."""
    import logging

    from aiproxy_desktop.core.errors import AIProxyError
    from aiproxy_desktop.storage.crashes import note_error
    from aiproxy_desktop.storage.logs import logging_to_file
    from aiproxy_desktop.storage.paths import AppPaths

    paths = AppPaths.resolve(options.data_dir, os.environ)
    try:
        paths.ensure()
        with logging_to_file(paths, redactor):
            logging.getLogger(__name__).error("unexpected", exc_info=error)
        if options.command in _WINDOW:  # the next window tells of it
            note_error(paths.crash_file, error, ended=True)
    except AIProxyError:
        return "The log could not be written."
    return f"The details are in {paths.log_file}."


def _forgive_odd_characters() -> None:
    """A terminal that cannot show a character shows another one; it is no reason to fail."""
    import io

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def command_line() -> argparse.ArgumentParser:
    """What can be typed, and what it means."""
    parser = argparse.ArgumentParser(COMMAND, description=_DESCRIPTION, parents=[_data_dir(None)])
    parser.add_argument("--version", action="version", version=f"{COMMAND} {__version__}")
    parser.add_argument(
        "--smoke",
        type=Path,
        metavar="FILE.png",
        help="open the window, ask the default model one question, save a picture, leave",
    )
    parser.add_argument("--prompt", metavar="TEXT", help="the question for --smoke")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    # After a command it stays unset unless given, so that it does not undo the one before the command.
    data_dir = _data_dir(argparse.SUPPRESS)
    _add_open(commands, data_dir)
    _add_ask(commands, data_dir)
    _add_image(commands, data_dir)
    _add_live(commands, data_dir)
    _add_models(commands, data_dir)
    _add_serve(commands, data_dir)
    _add_keys(commands, data_dir)
    return parser


def _data_dir(default: str | None) -> argparse.ArgumentParser:
    """The one option that stands before a command as well as after it."""
    parser = argparse.ArgumentParser(add_help=False)
    where = "where settings, history and logs are kept (also: AIPROXY_HOME)"
    parser.add_argument("--data-dir", metavar="DIR", default=default, help=where)
    return parser


def _add_open(commands: Any, data_dir: argparse.ArgumentParser) -> None:
    opening = commands.add_parser("open", help="open the window with files", parents=[data_dir])
    opening.add_argument(
        "files",
        metavar="FILE",
        type=Path,
        nargs="*",
        help="images go to the image studio, GGUF files to the models, others to a draft",
    )


def _add_ask(commands: Any, data_dir: argparse.ArgumentParser) -> None:
    ask = commands.add_parser("ask", help="ask a model and stream its answer", parents=[data_dir])
    ask.add_argument("text", metavar="PROMPT", nargs="?", help="the question; - or none reads standard input")
    ask.add_argument("-m", "--model", help="a name or provider:name; by default the model set in the window")
    ask.add_argument("--system", metavar="TEXT", help="an instruction that stands before the question")
    ask.add_argument(
        "--file",
        metavar="PATH",
        type=Path,
        action="append",
        default=[],
        help="a text, an image, a sound, a film or a PDF",
    )
    ask.set_defaults(work=_command("ask"), usage=ask.error)


def _add_image(commands: Any, data_dir: argparse.ArgumentParser) -> None:
    image = commands.add_parser("image", help="make or change an image", parents=[data_dir])
    image.add_argument(
        "text", metavar="PROMPT", nargs="?", help="what it shall show; - or none reads standard input"
    )
    image.add_argument(
        "-m", "--model", help="a name or provider:name; by default the one used last in the window"
    )
    image.add_argument(
        *("-o", "--output"),
        metavar="FILE",
        type=Path,
        required=True,
        help="where it goes: .png, .jpg or .webp",
    )
    image.add_argument(
        "--edit", metavar="FILE", type=Path, help="change this image instead of making a new one"
    )
    image.add_argument(
        "--mask", metavar="FILE", type=Path, help="change only what is white, or see-through, in it"
    )
    image.add_argument(
        "--feather", metavar="PIXELS", type=_feather, default=0.0, help="soften the mask's edge"
    )
    image.add_argument("--no-protect", action="store_true", help="keep the model's own image, mask or not")
    image.add_argument(
        *("--reference",), metavar="FILE", type=Path, action="append", default=[], help="an image to go by"
    )
    image.add_argument(
        "-n", "--n", metavar="COUNT", type=_image_count, default=1, help="how many (FILE-1, FILE-2 …)"
    )
    image.add_argument("--size", metavar="WxH", help="in pixels, 1024x1024 say")
    image.add_argument("--quality", help="low, medium, high … as the model has it")
    image.add_argument("--background", choices=("transparent", "opaque", "auto"))
    image.add_argument("--format", choices=("png", "jpeg", "webp"), help="by default what FILE ends in")
    image.add_argument("--aspect-ratio", metavar="W:H", help="for Gemini's models, 16:9 say")
    image.add_argument(
        "--resolution", metavar="SIZE", dest="image_size", help="for Gemini's models: 1K, 2K or 4K"
    )
    image.add_argument("--force", action="store_true", help="replace files that are there already")
    image.set_defaults(work=_command("image"), usage=image.error)


def _add_live(commands: Any, data_dir: argparse.ArgumentParser) -> None:
    live = commands.add_parser(
        "live", help="speak a file to a live model, save its answer", parents=[data_dir]
    )
    live.add_argument(
        "--file",
        metavar="FILE",
        type=Path,
        action="append",
        required=True,
        help="what is said: WAV, FLAC, MP3 or Ogg Vorbis; several are several turns of one session",
    )
    live.add_argument(
        *("-o", "--output"),
        metavar="FILE",
        type=Path,
        required=True,
        help="where the answer goes: .wav or .flac; - is WAV on standard output",
    )
    live.add_argument("-m", "--model", help="a name or provider:name; by default the one used last")
    live.add_argument("--voice", metavar="NAME", default="", help="the voice of the answer")
    live.add_argument(
        "--language", metavar="TAG", default="", help="de-DE say; by default whichever is spoken"
    )
    live.add_argument("--system", metavar="TEXT", default="", help="an instruction that stands before all")
    live.add_argument("--search", action="store_true", help="let the model search the web")
    live.add_argument("--transcript", action="store_true", help="write down what was asked, too")
    live.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_patience,
        default=60.0,
        help="how long the model may be silent before that is given up (60)",
    )
    live.add_argument("--force", action="store_true", help="replace a file that is there already")
    live.set_defaults(work=_command("live"), usage=live.error)


def _add_serve(commands: Any, data_dir: argparse.ArgumentParser) -> None:
    serve = commands.add_parser(
        "serve",
        help="let other programs ask the models here",
        description="Let other programs ask the models here, in OpenAI's dialect, until Ctrl+C or SIGTERM:"
        " then answers under way may end. Which models, and your names for them, are set in the window.",
        epilog="The last three may be given several times.",
        parents=[data_dir],
    )
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    serve.add_argument("--port", type=_port, default=8000, help="the port to listen on (8000)")
    serve.add_argument(
        "--workers", metavar="N", type=_worker_count, default=1, help="how many processes answer (1)"
    )
    token = serve.add_mutually_exclusive_group()
    token.add_argument(
        "--token-file",
        metavar="FILE",
        type=Path,
        help="holds the token that clients show; made when it is missing. By default the window's token",
    )
    token.add_argument("--no-token", action="store_true", help="ask for none; on this machine only")
    serve.add_argument("--expose", action="store_true", help="let --host be one that others can reach")
    several: dict[str, Any] = {"action": "append", "default": []}
    serve.add_argument("--allow-host", metavar="NAME", help="answer as example.org:8443, say, too", **several)
    serve.add_argument(
        "--allow-origin", metavar="ORIGIN", help="let pages of https://example.org, say, ask", **several
    )
    serve.add_argument(
        "--trusted-proxy",
        metavar="ADDRESS",
        help="believe this address or network on whom it asks for (this machine)",
        **several,
    )
    serve.set_defaults(work=_command("serve_api"), usage=serve.error)


def _check_image(options: argparse.Namespace) -> None:
    if options.mask is not None and options.edit is None:
        options.usage("--mask goes with --edit")
    for name in ("feather", "no_protect"):
        if getattr(options, name) and options.mask is None:
            options.usage(f"--{name.replace('_', '-')} goes with --mask")


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else 0
    if not 1 <= port <= _MOST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port from 1 to {_MOST_PORT}")
    return port


def _worker_count(text: str) -> int:
    count = int(text) if text.isdecimal() else 0
    if not 1 <= count <= _MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {_MOST_WORKERS}")
    return count


def _image_count(text: str) -> int:
    count = int(text) if text.isdecimal() else 0
    if not 1 <= count <= _MOST_IMAGES:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {_MOST_IMAGES}")
    return count


def _patience(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _MOST_PATIENCE:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds up to {_MOST_PATIENCE}")
    return seconds


def _feather(text: str) -> float:
    try:
        pixels = float(text)
    except ValueError:
        pixels = -1.0
    if not 0 <= pixels <= _MOST_FEATHER:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of pixels from 0 to {_MOST_FEATHER}")
    return pixels


def _add_models(commands: Any, data_dir: argparse.ArgumentParser) -> None:
    models = commands.add_parser("models", help="list the models you can use", parents=[data_dir])
    models.add_argument("--provider", metavar="P", help="of this provider only")
    models.add_argument("--json", action="store_true", help="as JSON, with everything known")
    models.set_defaults(work=_command("models"))


def _add_keys(commands: Any, data_dir: argparse.ArgumentParser) -> None:
    keys = commands.add_parser("keys", help="keep keys in the system's keyring", parents=[data_dir])
    actions = keys.add_subparsers(dest="action", metavar="ACTION", title="actions", required=True)
    change = actions.add_parser("set", help="keep a key, read from standard input", parents=[data_dir])
    change.add_argument("provider", metavar="PROVIDER")
    change.set_defaults(work=_command("keys_set"))
    show = actions.add_parser("list", help="show where each key comes from", parents=[data_dir])
    show.set_defaults(work=_command("keys_list"))
    remove = actions.add_parser("remove", help="forget a key", parents=[data_dir])
    remove.add_argument("provider", metavar="PROVIDER")
    remove.set_defaults(work=_command("keys_remove"))


def _command(name: str) -> Command:
    """A command by name; its module is imported when it runs."""

    async def work(options: argparse.Namespace, redactor: Redactor) -> None:
        from aiproxy_desktop import commands

        await getattr(commands, name)(options, redactor)

    return work
