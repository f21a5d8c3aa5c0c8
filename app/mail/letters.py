"""The letters that Postil writes, in the language of whom they are for."""

from dataclasses import dataclass

from app.language import _, ngettext, speak
from app.mail.smtp import Letter


@dataclass(frozen=True)
class Recipient:
    """Whom a letter is for."""

    id: int
    name: str
    email: str
    language: str


@dataclass(frozen=True)
class ReadingNews:
    """What is new to somebody in a reading: numbers only."""

    uid: str
    title: str
    course: str
    replies: int
    mentions: int

    @property
    def in_words(self) -> str:
        """Such as: 2 new answers to you, 1 new mention of you."""
        parts = [
            ngettext("%(n)d new answer to you", "%(n)d new answers to you", self.replies)
            % {"n": self.replies},
            ngettext("%(n)d new mention of you", "%(n)d new mentions of you", self.mentions)
            % {"n": self.mentions},
        ]
        return ", ".join(part for part, n in zip(parts, (self.replies, self.mentions), strict=True) if n)


def reset_letter(to: Recipient, address: str, hours: int) -> Letter:
    """The link to a new password."""
    speak(to.language)
    lines = [
        _("Hello %(name)s,") % {"name": to.name},
        _("somebody, probably you, asked for a new password. Choose it here:"),
        address,
        ngettext(
            "The address works once, for %(n)d hour. If you did not ask, do nothing: your password still works.",
            "The address works once, for %(n)d hours. If you did not ask, do nothing: your password still works.",
            hours,
        )
        % {"n": hours},
    ]
    return Letter(to.email, _("A new password for Postil"), _body(lines))


def confirmation_letter(to: Recipient, address: str) -> Letter:
    """The link that shows that an e-mail address is somebody's own."""
    speak(to.language)
    lines = [
        _("Hello %(name)s,") % {"name": to.name},
        _("somebody, probably you, gave this as their e-mail address in Postil. Confirm it here:"),
        address,
        _("If it was not you, do nothing: the address is not used."),
    ]
    return Letter(to.email, _("Is this your e-mail address?"), _body(lines))


def digest_letter(to: Recipient, news: list[ReadingNews], site: str) -> Letter:
    """How much is new, and where."""
    speak(to.language)
    lines = [_("Hello %(name)s,") % {"name": to.name}, _("since the last letter:")]
    for one in news:
        link = f"{site}/readings/{one.uid}/annotations?show=to_me"
        lines.append(f"{one.title} ({one.course})\n{one.in_words}\n{link}")
    lines.append(_("You chose to be told. Change it here:") + f"\n{site}/account/mail")
    return Letter(to.email, _("What is new for you in Postil"), _body(lines))


def _body(lines: list[str]) -> str:
    return "\n\n".join(lines) + "\n"
