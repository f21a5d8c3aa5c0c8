"""Cards as templates show them: an annotation or a reply, its tags, its reactions, and the group of a paragraph."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from app.annotations.authors import Author
from app.annotations.notes import render_note
from app.readings.prompts import PromptView


class CardTag(NamedTuple):
    """A tag as a card shows it."""

    key: str
    name: str
    colour: str
    line: str


class ReactionView(NamedTuple):
    """How many reacted so to a post, and whether the viewer did."""

    kind: str
    people: int
    mine: bool


@dataclass
class CardView:
    """An annotation or a reply as a card. Offsets are half-open code points of the revision."""

    id: int
    uid: str
    reading_id: int
    # Ordinal of the paragraph in which its words begin.
    n: int
    start: int
    end: int
    # What it aims at: span, paragraph, article or annotation.
    kind: str
    version: int
    quote: str
    note: str
    created: datetime
    modified: datetime
    may_edit: bool
    # Who may see it, as the switch calls it.
    choice: str
    asks: bool
    is_late: bool
    hidden_at: datetime | None
    hidden_word: str | None
    resolved_at: datetime | None
    pinned_at: datetime | None
    root_id: int | None
    parent_id: int | None
    prompt_id: int | None
    # Who wrote it; None in one's own reading, where it is nobody else.
    author: Author | None = None
    # What the viewer may do with it: answer and react; keep order.
    may_answer: bool = False
    may_moderate: bool = False
    tags: list[CardTag] = field(default_factory=list)
    # Of a thread: what was answered, oldest first, and how many answers came before those that are shown.
    replies: list["CardView"] = field(default_factory=list)
    earlier: int = 0
    # The name of whom a reply answers, if that is not the one who began.
    answers: str = ""
    reactions: tuple[ReactionView, ...] = ()
    # A deleted post, whose place is kept for the answers to it.
    is_gone: bool = False
    # Changed by its author after others' work was open to them.
    is_revised: bool = False
    # Told to staff: why others think that it should not stand.
    reports: tuple[str, ...] = ()
    # The quote with its source, where it can be copied.
    citation: str = ""
    # The question of the instructor's that it answers.
    prompt: str = ""
    # Whether the viewer follows or mutes its thread.
    wish: str = "none"

    @property
    def key(self) -> tuple[object, ...]:
        """Changes whenever the card looks different: what drawn cards are kept under."""
        can = (self.may_edit, self.may_answer, self.may_moderate)
        moderated = (self.hidden_at, self.hidden_word, self.resolved_at, self.pinned_at, self.reports)
        stands = (self.choice, self.is_late, self.is_revised, moderated)
        thread = (self.earlier, self.answers, self.is_gone, *(reply.key for reply in self.replies))
        return (
            self.uid,
            self.version,
            can,
            stands,
            self.author,
            self.reactions,
            self.prompt,
            self.wish,
            thread,
            *self.tags,
        )

    def reaction(self, kind: str) -> ReactionView | None:
        """The reactions of one kind, if there are any."""
        return next((one for one in self.reactions if one.kind == kind), None)

    @property
    def note_html(self) -> Markup:
        """The note, rendered and sanitised; empty when there is none."""
        return render_note(self.note) if self.note else Markup("")


@dataclass
class GroupView:
    """The cards of one paragraph, and how many more there are."""

    n: int
    cards: list[CardView] = field(default_factory=list)
    more: int = 0
    # The instructor's questions that are pinned here.
    prompts: list[PromptView] = field(default_factory=list)
    # What its cards are kept under, drawn as one, where they are the same for others.
    alike: Hashable = None
