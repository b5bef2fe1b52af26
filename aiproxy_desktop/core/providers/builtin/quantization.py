"""How a model's weights are rounded, in the names people know.

Numbers after `enum llama_ftype` in llama.cpp's include/llama.h as it was in 2026; those that it lists as
removed are left out.
"""

from __future__ import annotations

import re

_NAMES = {
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    19: "IQ2_XXS",
    20: "IQ2_XS",
    21: "Q2_K_S",
    22: "IQ3_XS",
    23: "IQ3_XXS",
    24: "IQ1_S",
    25: "IQ4_NL",
    26: "IQ3_S",
    27: "IQ3_M",
    28: "IQ2_S",
    29: "IQ2_M",
    30: "IQ4_XS",
    31: "IQ1_M",
    32: "BF16",
    36: "TQ1_0",
    37: "TQ2_0",
    38: "MXFP4",
    39: "NVFP4",
    40: "Q1_0",
}

# Added where the number was guessed from the weights (LLAMA_FTYPE_GUESSED).
_GUESSED = 1024

_IN_A_NAME = re.compile(
    r"(?:^|[.\-_ ])((?:IQ|TQ|Q)\d(?:_[A-Z0-9]{1,3}){0,2}|BF16|F16|F32|MXFP4|NVFP4)$", re.IGNORECASE
)


def quantization_name(file_type: int | None, stem: str) -> str:
    """What `general.file_type` means, else what the end of the file's name says; empty where neither tells.

    Args:
        file_type: as in the head; None where it has none.
        stem: the file's name without its ending, "SmolLM2-135M-Instruct.Q4_1" say.
    """
    known = None if file_type is None else _NAMES.get(file_type & ~_GUESSED)
    if known is not None:
        return known
    found = _IN_A_NAME.search(stem)
    return "" if found is None else found[1].upper()
