"""The privacy notice: open to everybody, linked from where people give something away, and true to the settings."""

from pathlib import Path

import pytest

from app.commands.doctor import doctor
from app.database import KEPT_DELETED
from app.main import create_app
from app.settings import Settings, load_settings
from tests.courses.room import open_room
from tests.support.cast import Member, World

pytestmark = pytest.mark.database
LINK = 'href="/privacy"'
OWN = """# The Reading School

Ask [Grace](mailto:grace@example.org). <script>alert(1)</script> [x](javascript:alert(1)) <b onclick="x()">bold</b>
"""


def notice(world: World, **changes: object) -> str:
    """Return the notice as a stranger reads it under changed settings."""
    settings = world.settings.model_copy(update=changes)
    return (
        World(create_app(settings, world.database), settings, world.database).stranger().get("/privacy").text
    )


def test_everybody_can_read_it(stranger: Member, ada: Member) -> None:
    for reader in (stranger, ada):
        assert reader.get("/privacy").status_code == 200
    assert "/erase" not in stranger.get("/privacy").text
    assert f'href="/people/{ada.known.uid}/erase"' in ada.get("/privacy").text


def test_it_is_linked_from_where_people_give_something(world: World, stranger: Member, ada: Member) -> None:
    room = open_room(world)
    for reader, address in ((stranger, "/sign-in"), (stranger, f"/join/{room.code}"), (ada, "/account")):
        assert LINK in reader.get(address).text
    assert LINK not in ada.get("/notebook").text


def test_it_says_what_the_settings_say(world: World) -> None:
    said = notice(world, session_days=12, backups_kept=5)
    for words in (
        "not been used for 12 days",
        "newest 5 automatic",
        f"brought back for {KEPT_DELETED.days} days",
    ):
        assert words in said
    assert "not been used for 1 day." in notice(world, session_days=1)
    assert "automatic" not in notice(world, backup_hours=0)


def test_the_operators_words_stand_first_and_harm_nobody(world: World) -> None:
    said = notice(world, privacy=OWN)
    assert "The Reading School" in said and 'href="mailto:grace@example.org"' in said
    assert said.index("The Reading School") < said.index("What is kept, and why")
    for harm in ("<script>alert", 'href="javascript', "<b onclick"):
        assert harm not in said
    assert "Whoever gave you its address" in notice(world) and "Whoever gave you its address" not in said


def test_the_operators_words_come_from_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "privacy.md").write_text(OWN, "utf-8")
    monkeypatch.setenv("POSTIL_PRIVACY_FILE", str(tmp_path / "privacy.md"))
    assert load_settings().privacy == OWN.strip()
    doctor(settings.model_copy(update={"privacy": OWN}))
    said = capsys.readouterr().out
    assert "POSTIL_PRIVACY = # The Reading School …\n" in said and "mailto" not in said
