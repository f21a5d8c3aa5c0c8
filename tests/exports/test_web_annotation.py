"""JSON-LD: held against the W3C's own schemas, and expanded with the W3C's own context."""

import io
import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft4Validator, FormatChecker
from pyld import jsonld
from referencing import Registry
from referencing.jsonschema import DRAFT4

from app.exports.gathering import ExportedAnnotation, ExportedSet
from app.exports.web_annotation import CONTEXT, write_collection
from tests.exports.marking import made_up

SCHEMAS = Path(__file__).parents[3] / "shared/schemas/w3c-annotation"
ABOUT = ExportedSet("https://postil.example.org", "/notebook", "Everything I “marked”")
OA = "http://www.w3.org/ns/oa#"
FULL = made_up(tags=(("claim", "Claim"), ("hedge", "Hedge")), note="*why?*", motivation="commenting")
NOTED = made_up(tags=(), note="why?", motivation="commenting")
TAGGED = made_up(note="")
BARE = made_up(tags=(), motivation="highlighting", start=0, end=1, prefix="", suffix="")
KINDS = {"full": FULL, "noted": NOTED, "tagged": TAGGED, "bare": BARE}

formats = FormatChecker(formats=())


@formats.checks("uri")
def is_uri(value: object) -> bool:
    """Whether text is an absolute IRI; a format says nothing about anything but text."""
    return not isinstance(value, str) or bool(re.fullmatch(r"\S+", value) and urlsplit(value).scheme)


@formats.checks("date-time")
def is_date_time(value: object) -> bool:
    """Whether text is a date and time of RFC 3339."""
    shape = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    return not isinstance(value, str) or bool(re.fullmatch(shape, value))


@pytest.fixture(scope="module", autouse=True)
def _schemas() -> None:
    if not SCHEMAS.exists():
        pytest.skip("the W3C's schemas are not at ../shared/schemas/w3c-annotation to hold anything to")


def collection(*annotations: ExportedAnnotation) -> dict[str, Any]:
    out = io.BytesIO()
    number = write_collection(iter(annotations), ABOUT, out)
    made: dict[str, Any] = json.loads(out.getvalue())
    assert number == made["total"] == len(annotations)
    return made


def alone(annotation: ExportedAnnotation) -> dict[str, Any]:
    """The annotation as a document of its own."""
    return {"@context": CONTEXT, **collection(annotation)["first"]["items"][0]}


def schema(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    found.pop("id", None)
    return found


@cache
def registry() -> Registry[Any]:
    parts = (SCHEMAS / "definitions").glob("*.json")
    return Registry().with_resources((part.name, DRAFT4.create_resource(schema(part))) for part in parts)


def broken(listed: str, document: dict[str, Any]) -> list[str]:
    """The assertions of a W3C test list that the document does not meet."""
    names = json.loads((SCHEMAS / listed).read_text(encoding="utf-8"))["assertions"]
    assert names
    return [name for name in names if not meets(name, document)]


def meets(name: str, document: dict[str, Any]) -> bool:
    assertion = schema(SCHEMAS / name)
    validator = Draft4Validator(assertion, registry=registry(), format_checker=formats)
    return validator.is_valid(document) == (assertion["expectedResult"] == "valid")


@pytest.mark.parametrize("kind", KINDS)
def test_an_annotation_keeps_every_must(kind: str) -> None:
    assert broken("annotations/annotationMusts.test", alone(KINDS[kind])) == []


@pytest.mark.parametrize("annotations", [(), (BARE,), tuple(KINDS.values())], ids=["none", "one", "four"])
def test_a_collection_and_its_page_keep_every_must(annotations: tuple[ExportedAnnotation, ...]) -> None:
    document = collection(*annotations)

    assert broken("collections/collectionMusts.test", document) == []
    assert broken("collections/pages/pageMusts.test", document) == []


@pytest.mark.parametrize(
    "wrong",
    [{"target": []}, {"id": "no address"}, {"type": "Note"}, {"@context": ""}, {"created": "yesterday"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_the_schemas_do_refuse(wrong: dict[str, Any]) -> None:
    assert broken("annotations/annotationMusts.test", alone(FULL) | wrong)


@pytest.mark.parametrize(
    "name",
    [
        "annotations/3.3.1-annotationCreatedImplemented.json",
        "annotations/3.3.1-annotationModifiedImplemented.json",
        "annotations/3.3.1-annotationSingleCreatorImplemented.json",
        "annotations/3.3.2-annotationCreatorAgentNameImplemented.json",
        "annotations/3.3.5-annotationSingleMotivationImplemented.json",
        "annotations/bodiesTargets/3.3.5-bodyPurpose.json",
        "annotations/bodiesTargets/3.2.1-bodyFormat.json",
        "annotations/bodiesTargets/4-targSpecificResource.json",
        "annotations/specificResource/4.2.4-textQuoteSelector.json",
        "annotations/specificResource/4.2.5-textPositionSelector.json",
    ],
)
def test_what_is_optional_and_promised_is_there(name: str) -> None:
    assert meets(name, alone(FULL))


def test_every_key_means_something_to_a_json_ld_processor() -> None:
    terms = json.loads((SCHEMAS / "anno.jsonld").read_text(encoding="utf-8"))["@context"]
    keys = {key for thing in everything_in(collection(*KINDS.values())) for key in thing}

    assert keys - set(terms) == {"@context"}


def everything_in(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [thing for item in value for thing in everything_in(item)]
    if isinstance(value, dict):
        return [value, *everything_in(list(value.values()))]
    return []


def expanded(document: dict[str, Any]) -> Any:
    def load(address: str, _options: Any) -> dict[str, Any]:
        assert address == CONTEXT
        context = json.loads((SCHEMAS / "anno.jsonld").read_text(encoding="utf-8"))
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": address} | {
            "document": context
        }

    return jsonld.expand(document, {"documentLoader": load})


def test_expansion_finds_positions_quotes_and_bodies() -> None:
    (found,) = expanded(alone(FULL))

    assert found["@id"] == f"https://postil.example.org/annotations/{FULL.uid}"
    assert found[f"{OA}motivatedBy"] == [{"@id": f"{OA}commenting"}]
    purposes = [body[f"{OA}hasPurpose"][0]["@id"].removeprefix(OA) for body in found[f"{OA}hasBody"]]
    assert purposes == ["tagging", "tagging", "commenting"]
    (target,) = found[f"{OA}hasTarget"]
    assert target[f"{OA}hasSource"] == [{"@id": f"https://postil.example.org/readings/{FULL.reading_uid}"}]
    position, quote = target[f"{OA}hasSelector"]
    assert (position[f"{OA}start"][0]["@value"], position[f"{OA}end"][0]["@value"]) == (FULL.start, FULL.end)
    assert quote[f"{OA}exact"] == [{"@value": FULL.exact}]


def test_a_collection_expands_to_all_its_annotations_in_order() -> None:
    (found,) = expanded(collection(*KINDS.values()))
    (page,) = found["http://www.w3.org/ns/activitystreams#first"]
    (items,) = page["http://www.w3.org/ns/activitystreams#items"]

    assert len(items["@list"]) == len(KINDS)
    assert found["http://www.w3.org/ns/activitystreams#totalItems"][0]["@value"] == len(KINDS)


def test_an_annotation_without_tag_and_note_has_no_body() -> None:
    assert "body" not in alone(BARE)
