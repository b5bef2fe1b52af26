"""The token of the local API: made once, kept where keys are kept, replaced when the person says so."""

from __future__ import annotations

import re
import secrets

from aiproxy_desktop.storage.keys import KeyStore, KnownKey

# Its id among the keys. No provider can have it: a left side of `provider:model` is not looked up here.
TOKEN_ID = "local-api"  # noqa: S105 - a name, not a secret

_BYTES = 32
TOKEN_LENGTHS = range(16, 513)
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


def new_token() -> str:
    """256 random bits as 43 characters that any header and any shell takes as they are."""
    return secrets.token_urlsafe(_BYTES)


class TokenKeeper:
    """Where the token comes from. Used on one event loop."""

    def __init__(self, keys: KeyStore) -> None:
        """Use the application's keys.

        Args:
            keys: where keys are kept; it takes every token out of logs and messages.
        """
        self._keys = keys
        self._made_up = False  # for want of a keyring, not because somebody wanted another one

    async def current(self) -> KnownKey:
        """The token; a new one where there is none yet, or none that can be sent in a header.

        Its `source` is `session` where the keyring could not keep it: it then ends with this run.
        """
        known = await self._keys.lookup(TOKEN_ID)
        if known is not None and usable(known.key):
            return known
        token = await self.rotate()
        self._made_up = token.source == "session"
        return token

    async def rotate(self) -> KnownKey:
        """Replace the token: whoever has only the old one is refused from now on."""
        token = new_token()
        self._made_up = False
        return KnownKey(token, await self._keys.set(TOKEN_ID, token))

    async def settle(self, token: KnownKey) -> KnownKey:
        """The keyring answers after all (somebody unlocked it): what holds from now on.

        The token in it, which programs have, goes before one that was made up meanwhile; one that the person
        asked for goes into it.
        """
        if self._made_up:
            self._keys.forget_for_this_run(TOKEN_ID)
            known = await self._keys.lookup(TOKEN_ID)
            self._made_up = False
            if known is not None and usable(known.key):
                return known
        return KnownKey(token.key, await self._keys.set(TOKEN_ID, token.key))


def usable(token: str) -> bool:
    """Whether a text can be a token at all (RFC 6750, section 2.1), and is long enough not to be guessed.

    One that somebody else put into the keyring may be anything.
    """
    return len(token) in TOKEN_LENGTHS and _TOKEN.fullmatch(token) is not None
