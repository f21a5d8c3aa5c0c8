"""W3C Web Annotation JSON-LD: one AnnotationCollection with all annotations in one embedded page."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from app.exports.gathering import ExportedAnnotation, ExportedSet

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_dumps = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def write_collection(annotations: Iterator[ExportedAnnotation], about: ExportedSet, out: BinaryIO) -> int:
    """Writes the collection annotation by annotation, so that memory stays flat; returns how many there were.

    Web Annotation Data Model, 5.1 and 5.2. `total` comes last, since it is known only then.
    """
    collection = f"{about.base_url}{about.path}/export.jsonld"
    page = f"{collection}#page"
    head = {"@context": CONTEXT, "id": collection, "type": "AnnotationCollection", "label": about.title}
    first = {"id": page, "type": "AnnotationPage", "partOf": collection, "startIndex": 0}
    out.write(f'{_dumps(head)[:-1]},"first":{_dumps(first)[:-1]},"items":['.encode())
    number = 0
    for number, annotation in enumerate(annotations, 1):
        item = _dumps(web_annotation(annotation, about.base_url))
        out.write(f"{',' if number > 1 else ''}\n{item}".encode())
    out.write(f'\n]}},"last":{_dumps(page)},"total":{number}}}\n'.encode())
    return number


def web_annotation(of: ExportedAnnotation, base_url: str) -> dict[str, Any]:
    """One Annotation (Web Annotation Data Model, 3), without its @context. Positions count code points."""
    annotation: dict[str, Any] = {
        "id": f"{base_url}/annotations/{of.uid}",
        "type": "Annotation",
        "motivation": of.motivation,
        "creator": {"id": f"urn:uuid:{of.author_uid}", "type": "Person", "name": of.author_name},
        "created": of.created,
        "modified": of.modified,
        "target": _target(of, base_url),
    }
    if bodies := [*_tags(of), *_note(of)]:
        annotation["body"] = bodies
    return annotation


def _tags(of: ExportedAnnotation) -> Iterator[dict[str, str]]:
    """The key is the value, because it outlives renaming and translating; the name is the label."""
    for key, name in of.tags:
        yield {"type": "TextualBody", "purpose": "tagging", "value": key, "label": name}


def _note(of: ExportedAnnotation) -> Iterator[dict[str, str]]:
    if of.note:
        yield {"type": "TextualBody", "purpose": "commenting", "value": of.note, "format": "text/markdown"}


def _target(of: ExportedAnnotation, base_url: str) -> dict[str, Any]:
    return {
        "type": "SpecificResource",
        "source": f"{base_url}/readings/{of.reading_uid}",
        "selector": [
            {"type": "TextPositionSelector", "start": of.start, "end": of.end},
            {"type": "TextQuoteSelector", "exact": of.exact, "prefix": of.prefix, "suffix": of.suffix},
        ],
    }
