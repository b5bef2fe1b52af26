"""What may be told of a crash: where in the code it was, never what the code was working on. No disk here."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator

# Of one error, and of the errors behind it.
_MOST_FRAMES = 60
_MOST_CAUSES = 6

# The messages of Python's own that name types and attributes alone (Objects/*.c, Python/ceval.c of CPython).
# Any other may hold what was typed, a file's name or the answer of a service, and is left out.
_NAME = r"[A-Za-z_][\w.]{0,79}"
_PLAIN = re.compile(
    rf"(?:(?:type object|module) )?'{_NAME}'(?: object)? has no attribute '{_NAME}'"
    rf"|name '{_NAME}' is not defined"
    rf"|cannot access local variable '{_NAME}' where it is not associated with a value"
    rf"|{_NAME}\(\) missing \d+ required (?:positional|keyword-only) arguments?: '{_NAME}'"
    rf"(?:(?:, |,? and )'{_NAME}')*"
    rf"|{_NAME}\(\) takes [\w ]{{1,40}} arguments? (?:but|\()[\w ]{{1,20}}\)?"
    rf"|{_NAME}\(\) got an unexpected keyword argument '{_NAME}'"
    rf"|unsupported operand type\(s\) for [^\w\s]{{1,3}}: '{_NAME}' and '{_NAME}'"
    rf"|(?:argument of type )?'{_NAME}'(?: object)? is not [a-z ]{{1,30}}"
    rf"|'[^\w\s]{{1,2}}' not supported between instances of '{_NAME}' and '{_NAME}'"
    rf"|No module named '{_NAME}'"
    r"|division by zero|maximum recursion depth exceeded[a-z ]{0,60}"
)

# Where the code of a program lies, whoever's folder that is in. The last of them in a path counts.
_CODE = re.compile(
    r".*(?:/site-packages/|/dist-packages/|/lib-dynload/|/python3\.\d+/|/(?=aiproxy_desktop/))"
)
_FRAME = re.compile(
    r'^  (?:File|Binary file) "(?P<path>.*)", (?P<rest>line (?:\d+|\?\?\?) in \S.*|at [\w.+@ \[\]<>-]*)$'
)

# The other lines that faulthandler writes (Python/traceback.c, Modules/faulthandler.c of CPython).
_NATIVE = re.compile(
    r"Fatal Python error: [\w .:,'()-]{1,120}"
    r"|Windows fatal exception: [\w .,'-]{1,120}"
    r"|Python runtime state: \w+"
    r"|(?:Current t|T)hread (?:0x)?[0-9a-f]+(?: \[[^\]\"']{0,40}\])? \(most recent call first\):"
    r"|Current thread's C stack trace \(most recent call first\):"
    r"|Stack \(most recent call first\):"
    r"|  (?:\.\.\.|<no Python frame>|Garbage-collecting|<truncated rest of calls>|<[\w ]+>)"
    r"|Extension modules: [\w., ()_:-]+"
)


def native_words(dump: str) -> str:
    """What faulthandler wrote, without the folders that code lies in and without any line of another kind."""
    lines = []
    for line in dump.splitlines():
        frame = _FRAME.match(line)
        if frame is not None:
            lines.append(f"  {place_of(frame['path'])}, {frame['rest']}")
        elif _NATIVE.fullmatch(line):
            lines.append(line)
        elif not line and lines and lines[-1]:
            lines.append("")
    return "\n".join(lines).strip()


def error_words(error: BaseException) -> str:
    """An error and those behind it: their types, and the places in the code they came by."""
    return "\n\n".join(_each(error))


def place_of(path: str) -> str:
    """A file of code by its place in its package; one that belongs to no package is not named."""
    path = path.replace("\\", "/")
    if path.startswith("<") and path.endswith(">"):  # as "<string>"
        return path if re.fullmatch(r"<[\w .]{1,60}>", path) else "(elsewhere)"
    found = _CODE.match(path)
    if found is not None:
        return path[found.end() :]
    # In a frozen application code has no folder above its package.
    return path if re.fullmatch(r"[\w./-]+\.py", path) and path[0] not in "/." else "(elsewhere)"


def _each(error: BaseException) -> Iterator[str]:
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting and len(seen) < _MOST_CAUSES:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield _one(one)
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
        behind = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        if behind is not None:
            waiting.append(behind)


def _one(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    # The last come first, as in a dump of native code. Source lines are not looked up.
    frames = [
        f"  {place_of(frame.f_code.co_filename)}, line {line} in {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    message = _message(error)
    first = f"{name}: {message}" if message else name
    return "\n".join([first, *reversed(frames[-_MOST_FRAMES:])])


def _message(error: BaseException) -> str:
    words = str(error) if type(error).__module__ == "builtins" else ""
    return words if _PLAIN.fullmatch(words) else ""
