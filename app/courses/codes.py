"""Codes to join with: short enough to be read from a board, long enough not to be guessed."""

import secrets

# Crockford's base 32: no I, L, O or U, so that nothing is mistaken for a digit or makes a word.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10
_MEANT = str.maketrans("ILO", "110")


def new_code() -> str:
    """A fresh code of 50 random bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def spaced(code: str) -> str:
    """The code as it is shown: in two halves."""
    return f"{code[:5]}-{code[5:]}"


def meant(typed: str) -> str:
    """The code that somebody typed: case, spaces, hyphens and look-alikes do not matter; empty when it is none."""
    code = "".join(
        letter for letter in typed.upper().translate(_MEANT) if letter not in " -\u2010\u2011\u2013"
    )
    return code if len(code) == _LENGTH and set(code) <= set(_LETTERS) else ""
