"""docs/access-matrix.acl, read: who may do what, and what follows for somebody who tries several things at once."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
MATRIX = ROOT / "docs" / "access-matrix.acl"
COLUMNS = "NOGCXTIJAR"
CELLS = set("YF-L.")


def parse(text: str) -> dict[str, dict[str, str]]:
    """Return the cell of each action and column. ValueError for a line that is no row."""
    rows: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        action, cells = line.split()
        if len(cells) != len(COLUMNS) or set(cells) - CELLS or action in rows:
            raise ValueError(f"no row of the matrix: {line}")
        rows[action] = dict(zip(COLUMNS, cells, strict=True))
    return rows


def read_matrix() -> dict[str, dict[str, str]]:
    return parse(MATRIX.read_text("utf-8"))


AUDIENCES = ("me", "staff", "group", "class")
# What can be done in a reading that is read for oneself, and the rows that say by whom.
IN_ONES_OWN = {
    "reading.read": "article.own.read",
    "export.self": "export.self",
    "ann.me.create": "ann.me.create",
    "ann.{audience}.read": "ann.me.read",
    "ann.{audience}.update": "ann.me.update",
    "ann.{audience}.delete": "ann.me.delete",
    "ann.deleted.restore": "ann.deleted.restore",
}


def in_ones_own(matrix: dict[str, dict[str, str]], actions: tuple[str, ...], column: str) -> str:
    """Return what somebody meets at a reading that O reads for himself: what is a course's is not there."""
    if not set(actions) <= set(IN_ONES_OWN):
        return "L" if column == "N" else "-"
    return predicted(matrix, tuple(IN_ONES_OWN[action] for action in actions), column)


def in_a_course(
    matrix: dict[str, dict[str, str]], actions: tuple[str, ...], column: str, audience: str
) -> str:
    """Return what somebody meets at a reading of K and at O's post there; O himself is a student of K."""
    rows = [matrix[action.format(audience=audience)] for action in actions]
    cells = [row["G"] if column == "O" and row["O"] == "." else row[column] for row in rows]
    return next((cell for cell in cells if cell != "Y"), "Y")


def predicted(matrix: dict[str, dict[str, str]], actions: tuple[str, ...], column: str) -> str:
    """Return what somebody meets who needs all of `actions`: the first refusal, or Y."""
    cells = [matrix[action][column] for action in actions]
    return next((cell for cell in cells if cell != "Y"), "Y")
