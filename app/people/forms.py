"""What is filled in about people."""

from pydantic import BaseModel

from app.forms import Name, Text


class NewPerson(BaseModel):
    """Somebody whom an administrator adds."""

    name: Name


class Permission(BaseModel):
    """Whether somebody may open classes."""

    courses: bool


class Erasure(BaseModel):
    """The password of the one who erases, since it cannot be taken back."""

    password: Text
