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
    # How many notices of each kind.
    kinds: dict[str, int]

    @property
    def in_words(self) -> str:
        """Such as: 2 new answers to you, 1 new mention of you."""
        return ", ".join(self._of(kind, number) for kind, number in sorted(self.kinds.items(), key=_rank))

    def _of(self, kind: str, n: int) -> str:
        words = {
            "answer": ngettext("%(n)d new answer to you", "%(n)d new answers to you", n),
            "question": ngettext(
                "%(n)d new answer to your question", "%(n)d new answers to your questions", n
            ),
            "mention": ngettext("%(n)d new mention of you", "%(n)d new mentions of you", n),
            "followed": ngettext("%(n)d new post where you follow", "%(n)d new posts where you follow", n),
            "hidden": ngettext(
                "%(n)d post of yours was hidden by staff", "%(n)d posts of yours were hidden by staff", n
            ),
            "opened": _("what others wrote is open to you now"),
            "due": _("due soon"),
            "late": _("was due, and you have not read to the end"),
        }
        return words[kind] % {"n": n}


_ORDER = ("answer", "question", "mention", "followed", "hidden", "opened", "due", "late")


def _rank(counted: tuple[str, int]) -> int:
    return _ORDER.index(counted[0])


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
        lines.append(f"{one.title} ({one.course})\n{one.in_words}\n{site}/readings/{one.uid}")
    lines.append(_("All of it, with links to each post:") + f"\n{site}/notices")
    lines.append(_("You chose to be told. Change it here:") + f"\n{site}/account/mail")
    return Letter(to.email, _("What is new for you in Postil"), _body(lines))


def _body(lines: list[str]) -> str:
    return "\n\n".join(lines) + "\n"
