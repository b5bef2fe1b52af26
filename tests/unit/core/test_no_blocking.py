"""The core's coroutines never hold up the loop, and its handlers never swallow what they did not expect."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.source import PACKAGE, python_files

# Functions and methods that wait for a disk, a network, a process or a clock.
BLOCKING = frozenset(
    {"open", "input", "time.sleep", "sleep", "os.system", "os.popen", "os.wait", "os.waitpid", "os.fsync"}
    | {"os.read", "os.write", "os.open", "os.listdir", "os.scandir", "os.walk", "os.stat", "os.remove"}
    | {f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen", "getoutput")}
    | {f"socket.{name}" for name in ("getaddrinfo", "gethostbyname", "create_connection", "getfqdn")}
    | {f"requests.{name}" for name in ("get", "post", "put", "delete", "request", "head")}
    | {f"httpx.{name}" for name in ("get", "post", "put", "delete", "request", "stream", "Client")}
    | {"urllib.request.urlopen", "urlopen", "run_blocking", "asyncio.run", "sqlite3.connect"}
    | {"keyring.get_password", "keyring.set_password", "keyring.delete_password"}
    | {"shutil.copy", "shutil.copyfile", "shutil.move", "shutil.rmtree", "importlib.metadata.entry_points"}
)
BLOCKING_METHODS = frozenset(
    {"read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "glob", "rglob", "unlink", "mkdir"}
    | {"communicate", "run_until_complete", "run_coroutine_threadsafe", "acquire_lock", "stat", "exists"}
    | {"is_file", "is_dir"}
)

CORE = python_files(PACKAGE / "core")


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or an attribute; an expression before the last dot is `()`."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else "()"


def own_calls(function: ast.AsyncFunctionDef) -> Iterator[ast.Call]:
    """Calls that a coroutine makes itself: not those of functions and lambdas that it only defines."""
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting.extend(ast.iter_child_nodes(node))


def blocking_calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Lines and names of the calls in coroutines that block."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.AsyncFunctionDef):
            continue
        awaited = {id(one.value) for one in ast.walk(node) if isinstance(one, ast.Await)}
        for call in own_calls(node):
            name = dotted(call.func)
            method = name.rpartition(".")[2] if "." in name else ""
            if id(call) not in awaited and (name in BLOCKING or method in BLOCKING_METHODS):
                yield call.lineno, name


def silent_handlers(tree: ast.Module, lines: list[str]) -> Iterator[int]:
    """Lines of handlers that take everything, without a reason beside them or an honest re-raise."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        kinds = [] if node.type is None else [dotted(one) for one in _each(node.type)]
        if node.type is None or (
            {"Exception", "BaseException"} & set(kinds)
            and "#" not in lines[node.lineno - 1]
            and not (node.body and isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
        ):
            yield node.lineno


def _each(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def test_no_coroutine_of_the_core_blocks() -> None:
    found = [
        f"{source.name}:{line} {name}"
        for source in CORE
        for line, name in blocking_calls(ast.parse(source.text))
    ]
    assert found == []
    assert len(CORE) > 50


def test_no_handler_of_the_core_takes_everything_without_a_reason() -> None:
    found = [
        f"{source.name}:{line}"
        for source in CORE
        for line in silent_handlers(ast.parse(source.text), source.text.splitlines())
    ]
    assert found == []


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ("time.sleep(1)", True),
        ("x = open('a').read()", True),
        ("return [p.read_text() for p in paths]", True),
        ("socket.getaddrinfo('a', 1)", True),
        ("await loop.getaddrinfo('a', 1)", False),
        ("await asyncio.sleep(1)", False),
        ("await on_thread(lambda: path.read_bytes(), 'reading')", False),
        ("def later():\n  open('a')\n return later", False),
        ("await self.open(call)", False),
    ],
)
def test_the_check_itself(body: str, blocks: bool) -> None:
    tree = ast.parse("async def f():\n " + body)
    assert bool(list(blocking_calls(tree))) is blocks


@pytest.mark.parametrize(
    ("handler", "silent"),
    [
        ("except:\n raise", True),
        ("except Exception:\n pass", True),
        ("except (ValueError, BaseException):\n pass", True),
        ("except Exception:  # noqa: BLE001  # the others must be closed first\n pass", False),
        ("except BaseException:\n undo()\n raise", False),
        ("except ValueError:\n pass", False),
    ],
)
def test_the_check_of_handlers_itself(handler: str, silent: bool) -> None:
    text = "try:\n work()\n" + handler
    assert bool(list(silent_handlers(ast.parse(text), text.splitlines()))) is silent
