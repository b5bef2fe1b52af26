from __future__ import annotations

import subprocess
import sys

from aiproxy_desktop.system import keyring_modules

_FIND = """
import sys
from aiproxy_desktop.storage.system_keyring import NoKeyringError, SystemKeyring
try:
    SystemKeyring.find()
except NoKeyringError:
    pass
print(*sys.modules)
"""


def test_keyrings_of_other_systems_are_not_even_loaded() -> None:
    loaded = set(subprocess.check_output([sys.executable, "-c", _FIND], text=True).split())
    every = {
        f"keyring.backends.{name}" for name in ("SecretService", "kwallet", "libsecret", "macOS", "Windows")
    }
    assert loaded & every == set(keyring_modules())
