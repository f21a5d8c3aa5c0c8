"""Forms over something that others may change meanwhile: each carries a seal of what it was drawn from."""

import hashlib
from collections.abc import Mapping
from typing import Any

from app.errors import Refused
from app.language import _


class ChangedMeanwhile(Refused):
    """What a form was drawn from is not what stands now; its page is drawn with both."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("This was changed elsewhere while you were writing. Nothing is lost: below is what stands now.")
        )


def seal(values: Mapping[str, Any]) -> str:
    """What a form carries of the values that it was drawn from: 64 bits of their SHA-256."""
    return hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()[:16]


def hold_against(sealed: str, standing: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raises ChangedMeanwhile when a form was drawn from other values than those `standing` now.

    Not when it wants what stands already (it comes again, its answer was lost), nor without a seal.
    """
    if sealed and sealed != seal(standing) and any(standing[name] != wanted[name] for name in standing):
        raise ChangedMeanwhile
