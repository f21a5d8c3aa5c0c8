"""Ids that the outside sees (UUID text) and secrets that only their holder sees (random, stored hashed)."""

import hashlib
import os
import re
import secrets
import time
import uuid

SECRET_BYTES = 32
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def random_uid() -> str:
    """A UUIDv4: tells nothing about when or in what order it was made."""
    return str(uuid.uuid4())


def new_uid() -> str:
    """A UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds since 1970, then random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def is_uid(text: str) -> bool:
    """Whether `text` is a UUID of version 4 or 7 in its canonical lower-case form."""
    return _UUID.fullmatch(text) is not None


def new_secret() -> str:
    """256 random bits for a cookie or a one-time address, in URL-safe text."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hashed(secret: str) -> str:
    """What is stored of a secret: its SHA-256. The secret has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
