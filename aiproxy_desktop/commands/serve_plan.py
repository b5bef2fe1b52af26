"""What `serve` was asked for, checked: where, for whom, with which token."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from aiproxy_desktop.commands.common import note
from aiproxy_desktop.core.errors import ConfigurationError
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.server.rules import rules_of
from aiproxy_desktop.services.local_api.entries import host_entry, origin_entry, proxy_entry
from aiproxy_desktop.services.local_api.token import TOKEN_ID, TokenKeeper, new_token, usable
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.storage.keys import KeyStore
from aiproxy_desktop.storage.token_file import token_from
from aiproxy_desktop.system import others_can_read


@dataclass(frozen=True, slots=True)
class ServePlan:
    """How the local API is served.

    Attributes:
        settings: of the person, with what the command line says.
        token: what clients have to show; None asks for none.
        workers: how many processes answer.
    """

    settings: ApiSettings
    token: str | None = field(repr=False)
    workers: int


async def plan_of(
    options: argparse.Namespace, kept: ApiSettings, keys: KeyStore, redactor: Redactor
) -> ServePlan:
    """What the command line says, over the person's settings.

    Whom it serves, and where, it says alone: a switch in the window opens nothing here.

    Args:
        options: of the command `serve`.
        kept: the person's settings.
        keys: where the window's token is.
        redactor: learns the token.

    Raises:
        AIProxyError: what is asked for contradicts itself, or there is no token.
    """
    settings = msgspec.structs.replace(
        kept,
        host=options.host,
        port=options.port,
        expose=options.expose,
        hosts=(*kept.hosts, *map(host_entry, options.allow_host)),
        origins=(*kept.origins, *map(origin_entry, options.allow_origin)),
        trusted_proxies=tuple(map(proxy_entry, options.trusted_proxy)) or kept.trusted_proxies,
    )
    rules_of(settings, None if options.no_token else "0" * 43)  # before a token is made for nothing
    if options.no_token:
        return ServePlan(settings, None, options.workers)
    if options.token_file is not None:
        token = await on_thread(lambda: _token_in(options.token_file), "token")
    else:
        token = await _token_of_keyring(keys)
    redactor.add(token)
    rules_of(settings, token)
    return ServePlan(settings, token, options.workers)


def _token_in(path: Path) -> str:
    token, made = token_from(path, new_token())
    if made:
        note(f"A new token was written to {path}")
    elif others_can_read(path):
        note(f"Others can read the token in {path}: let its owner alone do so (chmod 600).")
    if not usable(token):
        raise ConfigurationError(
            f"What is in {path} cannot be a token",
            "One is 16 or more letters, digits and signs without a space or a comma. Remove the file, and a"
            " new one is made.",
        )
    return token


async def _token_of_keyring(keys: KeyStore) -> str:
    """The window's token, made where there is none yet.

    Raises:
        ConfigurationError: there is no keyring to keep one.
    """
    known = await keys.lookup(TOKEN_ID)
    if known is None:
        status = await keys.status()
        if not status.available:
            raise ConfigurationError(
                f"There is no token ({status.reason.rstrip('.')})",
                "Give a file for one with --token-file, which is made when it is missing; or --no-token.",
            )
    known = await TokenKeeper(keys).current()
    if sys.stderr.isatty():  # a person who started it by hand; never a log
        note(f"The token is {known.key}")
    return known.key
