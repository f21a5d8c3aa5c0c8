"""Forms: the types of their fields, and a filled-in form with what was typed and what is wrong with it."""

import re
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, StringConstraints, ValidationError
from starlette.datastructures import FormData, UploadFile

from app.errors import Refused
from app.identity import is_uid
from app.language import _

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_INVISIBLE = {"Cc", "Cf", "Zs", "Zl", "Zp", "Cn", "Co", "Cs"}
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
MIN_PASSWORD = 8
M = TypeVar("M", bound=BaseModel)


def _lines(value: str) -> str:
    """Browsers post CRLF from native forms and LF from scripts."""
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _clean(value: str) -> str:
    if _FORBIDDEN.search(value):
        raise ValueError(_("has characters that cannot be stored; remove them"))
    return unicodedata.normalize("NFC", _lines(value))


def _visible(value: str) -> str:
    if all(unicodedata.category(character) in _INVISIBLE for character in value):
        raise ValueError(_("needs at least one visible character"))
    if _BIDI.search(value):
        raise ValueError(_("has invisible direction marks; remove them"))
    return " ".join(value.split())


def _known_form(value: str) -> str:
    if value and not is_uid(value):
        raise ValueError(_("is no proper id; load the page again"))
    return value


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


Text = Annotated[str, AfterValidator(_clean)]
"""Free text: NFC, line feeds only, nothing that XML or a database refuses."""
Note = Annotated[Text, StringConstraints(max_length=20_000)]
"""A note in Markdown."""
Name = Annotated[Text, StringConstraints(min_length=1, max_length=100), AfterValidator(_visible)]
"""A person's name: visible, on one line."""
Title = Annotated[Text, StringConstraints(min_length=1, max_length=500), AfterValidator(_visible)]
"""A title: visible, on one line."""
Password = Annotated[Text, StringConstraints(min_length=MIN_PASSWORD, max_length=1000)]
"""A new password. Length is what counts (NIST SP 800-63B, 5.1.1)."""
FormId = Annotated[str, AfterValidator(_known_form)]
"""Id of a form that was filled in, so that it counts once however often it is sent; empty where there is none."""
OptionalInt = Annotated[int | None, BeforeValidator(_empty_is_none)]
"""A number, or an empty field."""


@dataclass(frozen=True)
class Uploaded:
    """A file that was sent; a browser whose file field is empty sends one without a name."""

    name: str
    content: bytes


@dataclass
class Filled(Generic[M]):
    """A form as it was sent: `data` when it is right, else `errors` by field; `values` is what was typed."""

    data: M | None
    values: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def valid(self) -> M:
        """The data. Refused (422) with the problems in words when the form is not right."""
        if self.data is None:
            raise Refused(" ".join(self.errors.values()))
        return self.data

    def refuse(self, error: Refused) -> None:
        """Adds a problem that only the database could find."""
        self.errors[error.field or "form"] = error.message


_MOST_FIELDS = 45_000


def filled(model: type[M]) -> Callable[[Request], Awaitable[Filled[M]]]:
    """The dependency that reads a form and holds it against `model`."""
    lists = {name for name, info in model.model_fields.items() if "list" in str(info.annotation)}

    async def read(request: Request) -> Filled[M]:
        async with request.form(max_fields=_MOST_FIELDS, max_part_size=64 << 20) as form:
            return _held(model, await _values(form, lists))

    return read


def _held(model: type[M], values: dict[str, Any]) -> Filled[M]:
    try:
        return Filled(model.model_validate(values), values)
    except ValidationError as error:
        return Filled(None, values, _in_words(error))


async def _values(form: FormData, lists: set[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            value = value.encode(
                "utf-8", "replace"
            ).decode()  # a sender may name a charset that makes lone surrogates
        if name in lists:
            values.setdefault(name, []).append(value)
        elif isinstance(value, UploadFile):
            values[name] = Uploaded(value.filename or "", await value.read())
        elif name not in values:
            values[name] = value
    return values


def _in_words(error: ValidationError) -> dict[str, str]:
    return {
        str(problem["loc"][0]) if problem["loc"] else "form": _sentence(problem) for problem in error.errors()
    }


def _sentence(problem: Any) -> str:
    limits = problem.get("ctx", {})
    match problem["type"]:
        case "missing":
            return _("Fill this in.")
        case "string_too_short" | "too_short" if limits["min_length"] == 1:
            return _("Fill this in.")
        case "string_too_short" | "too_short":
            return _("Use at least %(n)d characters.") % {"n": limits["min_length"]}
        case "string_too_long" | "too_long":
            return _("Use at most %(n)d characters.") % {"n": limits["max_length"]}
        case "int_parsing" | "int_type" | "int_parsing_size":
            return _("This must be a whole number.")
        case "value_error":
            words = problem["msg"].removeprefix("Value error, ")
            return f"{words[0].upper()}{words[1:]}."
    return _("This cannot be used: %(why)s.") % {"why": problem["msg"]}


def form_of(model: type[M]) -> Any:
    """Shorthand for signatures: `Annotated[Filled[Model], form_of(Model)]`."""
    return Depends(filled(model))
