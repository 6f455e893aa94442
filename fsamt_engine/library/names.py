"""Names that people give, and short ones made from what they name."""

import hashlib
import unicodedata

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: no i, l, o, u to mistake, and safe on any file system."""

_N_CHARACTERS = 12


def short_id(text: str) -> str:
    """The first 60 bits of the SHA-256 of `text`, as 12 characters.

    The same text has the same id everywhere, so that a repeated import of the same data, or the
    same training, comes to the same names and to the same order.
    """
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 4
    return "".join(_ALPHABET[number >> 5 * i & 31] for i in reversed(range(_N_CHARACTERS)))


def is_name(text: str) -> bool:
    """Whether people can read this: something to see, no control characters, no broken ones."""
    return bool(text.strip()) and all(unicodedata.category(c) not in ("Cc", "Cs") for c in text)
