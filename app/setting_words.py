"""What is wrong with a setting, in a sentence that says which one and what it must be."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, get_args

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails


def in_words(
    problems: Iterable[ErrorDetails],
    fields: Mapping[str, FieldInfo],
    variable: Callable[[str], str],
    secret: Collection[str],
) -> str:
    """The problems in sentences; `variable` gives the name of a setting. A `secret` value is never shown."""
    return " ".join(_sentence(problem, fields, variable, secret) for problem in problems)


def _sentence(
    problem: ErrorDetails,
    fields: Mapping[str, FieldInfo],
    variable: Callable[[str], str],
    secret: Collection[str],
) -> str:
    name, given = str(problem["loc"][0]), problem["input"]
    shown = "" if name in secret or given is None else f" (it is {str(given)!r})"
    return f"{variable(name)} {_must(fields[name], problem)}{shown}."


def _must(field: FieldInfo, problem: ErrorDetails) -> str:
    if problem["type"] == "value_error":
        return problem["msg"].removeprefix("Value error, ")
    if choices := get_args(field.annotation):
        return f"must be one of {', '.join(map(str, choices))}"
    low, high = (_limit(field.metadata, which) for which in ("ge", "le"))
    return f"must be a whole number from {low} {f'to {high}' if high is not None else 'up'}"


def _limit(metadata: list[Any], which: str) -> int | None:
    return next((getattr(item, which) for item in metadata if hasattr(item, which)), None)
