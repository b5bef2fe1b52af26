"""Which licences may be shipped, and what follows from them."""

from __future__ import annotations

from functools import cache

from license_expression import (
    AND,
    OR,
    ExpressionError,
    LicenseWithExceptionSymbol,
    Licensing,
    get_spdx_licensing,
)

from shipping.licensing.components import UnknownComponentError

# The more to the left, the less it asks of who passes a copy on; the first that is offered is the one taken.
_FREE = (
    *("LicenseRef-public-domain", "blessing", "CC0-1.0", "0BSD", "MIT-0", "Unlicense"),
    *("Apache-2.0", "Zlib", "MIT", "PSF-2.0", "dtoa", "Python-2.0.1", "ISC", "BSL-1.0", "BSD-2-Clause"),
    *("BSD-3-Clause", "MIT-CMU", "MIT-Modern-Variant"),
    *("MIT-open-group", "X11", "HPND", "HPND-sell-variant", "Imlib2", "libtiff", "libpng-2.0", "IJG", "FTL"),
    *("bzip2-1.0.6", "Beerware", "AFL-2.1", "Unicode-3.0", "Unicode-DFS-2016", "Bitstream-Vera", "OFL-1.1"),
    # Free to pass on unchanged, which is how they are shipped.
    *("LicenseRef-ICC", "LicenseRef-LCS-Telegraphics", "LicenseRef-Microsoft-runtime"),
    # A changed copy needs another name; it is shipped unchanged.
    "LPPL-1.3c",
    # Its own files stay free; ours need not follow.
    "MPL-2.0",
)
# Allowed because they are shared libraries that whoever installs them can exchange.
_EXCHANGEABLE = (
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "LGPL-2.1-or-later",
    "LGPL-2.1-only",
    "LGPL-2.0-or-later",
)
_EXCEPTED = (
    "GPL-3.0-or-later WITH GCC-exception-3.1",
    "GPL-2.0-or-later WITH Bootloader-exception",
    "Apache-2.0 WITH LLVM-exception",
)
_ALLOWED = (*_FREE, *_EXCHANGEABLE, *_EXCEPTED)


@cache
def _licensing() -> Licensing:
    return get_spdx_licensing()


def used(component: str, expression: str) -> tuple[str, ...]:
    """The licences under which a component is passed on: one of each choice that its authors give.

    Raises:
        UnknownComponentError: the expression is none of SPDX's, or a licence of it is not allowed.
    """
    if not expression:
        raise UnknownComponentError(
            f"{component} names no licence: find out which it has, and say so in known/."
        )
    try:
        parsed = _licensing().parse(expression)
    except ExpressionError as error:
        raise UnknownComponentError(f"{component} has a licence nobody can read: {expression}.") from error
    taken = _taken(parsed)
    if taken is None:
        raise UnknownComponentError(
            f"{component} stands under {expression}, which is unknown or may not be shipped: leave it out."
        )
    return taken


def _taken(expression: object) -> tuple[str, ...] | None:
    """The allowed licences of one way to fulfil an expression; None where there is no way."""
    if isinstance(expression, AND | OR):
        branches = [_taken(branch) for branch in expression.args]
        if isinstance(expression, OR):
            open_ones = [branch for branch in branches if branch is not None]
            return min(open_ones, key=_burden, default=None)
        if any(branch is None for branch in branches):
            return None
        return tuple(dict.fromkeys(name for branch in branches if branch is not None for name in branch))
    if isinstance(expression, LicenseWithExceptionSymbol):
        name = f"{expression.license_symbol.key} WITH {expression.exception_symbol.key}"
    else:
        name = str(getattr(expression, "key", ""))
    return (name,) if name in _ALLOWED else None


def _burden(names: tuple[str, ...]) -> int:
    return sum(_ALLOWED.index(name) for name in names)


def exchangeable(names: tuple[str, ...]) -> bool:
    """Whether whoever has a copy must be able to put another build in its place."""
    return any(name in _EXCHANGEABLE for name in names)
