"""The earlier versions of an annotation, each shown to those whom it was for while it stood."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import bindparam, or_, select

from app.annotations.card_views import CardTag, CardView
from app.annotations.models import Annotation, AnnotationVersion
from app.annotations.notes import render_note
from app.codebook.models import Tag
from app.database import Db, table_of
from app.library.texts import RevisionText
from app.readings.seats import Standing

_version, _annotation, _tag = table_of(AnnotationVersion).c, table_of(Annotation).c, table_of(Tag).c
_EARLIER = (
    select(_version.note, _version.tags, _version.targets, _version.at)
    .join(table_of(Annotation), _annotation.id == _version.annotation_id)
    .where(
        _version.annotation_id == bindparam("annotation"),
        _version.deleted.is_(False),
        or_(
            _version.audience_id.in_(bindparam("audiences", expanding=True)),
            _annotation.author_id == bindparam("viewer"),
        ),
    )
    .order_by(_version.version.desc())
)


@dataclass(frozen=True)
class VersionView:
    """What an annotation said, and until when."""

    quote: str
    note: str
    tags: Sequence[CardTag]
    until: datetime | None
    # Whether it is what others saw when the reading was revealed to its author.
    stood_at_reveal: bool = False

    @property
    def is_present(self) -> bool:
        """Whether it says so still."""
        return self.until is None

    @property
    def note_html(self) -> Markup:
        """The note, rendered and sanitised; empty when there was none."""
        return render_note(self.note) if self.note else Markup("")


def history(db: Db, text: RevisionText, standing: Standing, card: CardView) -> list[VersionView]:
    """The present version of an annotation that the viewer sees, then the earlier ones that were for them."""
    values = standing.sight.values | {"annotation": card.id}
    rows = db.ask(_EARLIER, values).all()
    tags = _tags(db, {key for row in rows for key in row.tags})
    revealed = card.author.revealed_at if card.author else None
    found = [VersionView(card.quote, card.note, card.tags, None)]
    after = [row.at for row in rows if revealed and row.at >= revealed and card.created < revealed]
    for row in rows:
        span = row.targets[0]
        known = [tags[key] for key in row.tags if key in tags]
        stood = bool(after) and row.at == min(after)
        found.append(VersionView(text.text[span["start"] : span["end"]], row.note, known, row.at, stood))
    return found


def _tags(db: Db, keys: set[int]) -> dict[int, CardTag]:
    query = select(_tag.id, _tag.key, _tag.name, _tag.colour, _tag.line).where(_tag.id.in_(keys))
    return {key: CardTag._make(tag) for key, *tag in db.ask(query)}
