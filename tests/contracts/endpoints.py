"""The routes that the application has, what each enforces, and how a request to each is made."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from app.identity import new_uid
from app.main import create_app
from app.settings import Settings
from tests.contracts.scene import Scene

PUBLIC = {
    "GET /static/{name:path}": "the interface's own files; they hold nobody's data",
    "GET /health": "says only that the server and its database answer",
    "GET /sign-in": "where people become known",
    "POST /sign-in": "where people become known; limited by the count of failures",
    "GET /setup/{token}": "the secret in the address is the right, once",
    "POST /setup/{token}": "the secret in the address is the right, once",
    "GET /invitation/{token}": "the secret in the address is the right, once",
    "POST /invitation/{token}": "the secret in the address is the right, once",
    "GET /sign-in/forgotten": "where people who forgot their password ask for a link; only when mail is on",
    "POST /sign-in/forgotten": "the same answer for every address; limited by the count of tries",
    "GET /email/{token}": "the secret in the address is the right, once",
    "POST /email/{token}": "the secret in the address is the right, once",
    "GET /privacy": "says what is kept of people; it holds nobody's data",
    "GET /join": "where a code is typed; wrong ones are limited",
    "GET /join/{code}": "the code in the address is the right",
    "POST /join/{code}": "the code in the address is the right, but for those who were removed",
}


@dataclass(frozen=True)
class Endpoint:
    """A method at a path, and the rows of the matrix that its lookups name, in order."""

    method: str
    path: str
    actions: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_in_a_reading(self) -> bool:
        """Whether it is about a reading or an annotation, which are somebody's own or a course's."""
        return "{reading_uid}" in self.path or "{annotation_uid}" in self.path

    @property
    def is_safe(self) -> bool:
        return self.method == "GET"

    def address(self, scene: Scene) -> str:
        """Return the address of the scene's object, with what the query needs."""
        values = scene.uids | ({"annotation_uid": scene.deleted_annotation} if "restore" in self.path else {})
        values |= {"article_uid": scene.deleted_article} if "restore" in self.path else {}
        return re.sub(r"{(\w+)(:\w+)?}", lambda field: values[field[1]], self.path) + QUERIES.get(
            str(self), ""
        )

    def form(self, scene: Scene) -> dict[str, Any] | None:
        """Return what is posted; KeyError when nobody has said what."""
        return None if self.is_safe else FORMS[str(self)](scene)


QUERIES = {
    "GET /readings/{reading_uid}/pile": "?start=0&end=5",
    "GET /readings/{reading_uid}/stream": "?once=true",
}
FORMS: dict[str, Callable[[Scene], dict[str, Any]]] = {
    "POST /sign-out": lambda _: {},
    "POST /account": lambda _: {"name": f"Ada {new_uid()}"},
    "POST /account/password": lambda scene: {"current": scene.password, "password": "another good one"},
    "POST /account/sessions/{session_uid}/delete": lambda _: {},
    "POST /account/mail": lambda scene: {"email": "", "current": scene.password},
    "POST /account/digest": lambda _: {"rhythm": "off"},
    "POST /account/appearance": lambda _: {"theme": "dark", "size": "5"},
    "POST /people/{person_uid}/deactivate": lambda _: {},
    "POST /people/{person_uid}/activate": lambda _: {},
    "POST /people/{person_uid}/permit": lambda _: {"courses": "true"},
    "POST /courses/{course_uid}/people/{user_uid}/reset-link": lambda _: {},
    "POST /people/{person_uid}/erase": lambda scene: {"password": scene.password},
    "POST /people": lambda _: {"name": f"Somebody {new_uid()}"},
    "POST /courses": lambda _: {"uid": new_uid(), "title": "A class", "timezone": "Europe/Berlin"},
    "POST /courses/{course_uid}/settings": lambda _: {
        "title": "Another",
        "timezone": "UTC",
        "anonymity": "off",
    },
    "POST /courses/{course_uid}/copy": lambda _: {
        "uid": new_uid(),
        "title": "Next term",
        "timezone": "UTC",
        "days": "182",
    },
    "POST /courses/{course_uid}/archive": lambda _: {},
    "POST /courses/{course_uid}/unarchive": lambda _: {},
    "POST /courses/{course_uid}/leave": lambda _: {},
    "POST /courses/{course_uid}/consent": lambda _: {"consent": "true"},
    "POST /courses/{course_uid}/code": lambda _: {"closed": "true"},
    "POST /courses/{course_uid}/roster": lambda _: {"roster": f"Dora {new_uid()}"},
    "POST /courses/{course_uid}/people/{user_uid}/role": lambda _: {"role": "assistant"},
    "POST /courses/{course_uid}/people/{user_uid}/remove": lambda _: {},
    "POST /courses/{course_uid}/groups": lambda _: {
        "uid": new_uid(),
        "name": f"Pairs {new_uid()}",
        "number": "2",
    },
    "POST /courses/{course_uid}/groups/{set_uid}/people/{user_uid}": lambda _: {"group": ""},
    "POST /articles/preview": lambda _: {"text": "A title\n\nA paragraph that is long enough to be one."},
    "POST /articles": lambda _: {
        "uid": new_uid(),
        "source": "A title\n\nA paragraph.",
        "title": "A title",
        "language": "en",
        "direction": "ltr",
    },
    "POST /articles/{article_uid}/delete": lambda _: {},
    "POST /articles/{article_uid}/restore": lambda _: {},
    "POST /readings/{reading_uid}/place": lambda _: {"place": "3"},
    "POST /readings/{reading_uid}/annotations": lambda scene: scene.new_annotation(),
    "POST /readings/{reading_uid}/undo": lambda _: {},
    "POST /annotations/{annotation_uid}": lambda _: {"version": "1", "note": "another", "tags": "hedge"},
    "POST /annotations/{annotation_uid}/delete": lambda _: {"version": "1"},
    "POST /annotations/{annotation_uid}/restore": lambda _: {},
    "POST /readings/{reading_uid}/audience": lambda _: {"audience": "class"},
    "POST /readings/{reading_uid}/annotations/share": lambda scene: {
        "annotations": scene.uids["annotation_uid"],
        "audience": "class",
    },
    "POST /readings/{reading_uid}/remarks": lambda _: {"uid": new_uid(), "note": "On all of it"},
    "POST /annotations/{annotation_uid}/replies": lambda _: {"uid": new_uid(), "note": "An answer"},
    "POST /annotations/{annotation_uid}/reactions": lambda _: {"kind": "agree"},
    "POST /annotations/{annotation_uid}/resolve": lambda _: {"on": "true"},
    "POST /annotations/{annotation_uid}/pin": lambda _: {"on": "true"},
    "POST /annotations/{annotation_uid}/hide": lambda _: {"on": "true", "word": "Not here"},
    "POST /annotations/{annotation_uid}/reports": lambda _: {"words": "It hurts"},
    "POST /readings/{reading_uid}/follow": lambda _: {"stance": "follow"},
    "POST /annotations/{annotation_uid}/follow": lambda _: {"stance": "mute"},
    "POST /notices/seen": lambda _: {"until": "2026-11-23T10:00:00+00:00"},
    "POST /courses/{course_uid}/readings": lambda scene: {
        "uid": new_uid(),
        "article": scene.uids["article_uid"],
    },
    "POST /readings/{reading_uid}/settings": lambda _: {"instructions": "Read it", "audience": "group"},
    "POST /readings/{reading_uid}/prompts": lambda _: {
        "uid": new_uid(),
        "paragraph": "2",
        "words": "And why?",
    },
    "POST /readings/{reading_uid}/prompts/{prompt_uid}/delete": lambda _: {},
    "POST /readings/{reading_uid}/reveal": lambda _: {},
    "POST /readings/{reading_uid}/delete": lambda _: {},
    "POST /readings/{reading_uid}/students/{user_uid}/extension": lambda _: {"due_at": "2099-01-01T10:00"},
    "POST /readings/{reading_uid}/students/{user_uid}/hide": lambda _: {"on": "true", "word": "Not here"},
}


def every_endpoint() -> list[Endpoint]:
    """Return the endpoints of the application as it is served."""
    return list(endpoints_of(create_app(Settings(data_dir=Path("nowhere"), database_url=None))))


def endpoints_of(app: FastAPI) -> Iterator[Endpoint]:
    """Yield the endpoints of an application; HEAD is served as GET and not named."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute):
            raise TypeError(f"{route} has no dependencies, so nothing guards it")
        for method in sorted(route.methods - {"HEAD"}):
            yield Endpoint(method, context.path or "", tuple(dict.fromkeys(_actions(route.dependant))))


def _actions(dependant: Dependant) -> Iterator[str]:
    yield from getattr(dependant.call, "actions", ())
    for needed in dependant.dependencies:
        yield from _actions(needed)
