"""Errors that a person meets: each says what happened and what to do next."""


class Refused(Exception):
    """The request cannot be done as it is. `field` names the form field at fault, if one is."""

    status = 422

    def __init__(self, message: str, *, field: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        if status is not None:
            self.status = status


class NotFound(Exception):
    """There is no such thing among those that this person may reach."""


class SignInFirst(Exception):
    """The page needs a signed-in person."""
