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


def predicted(matrix: dict[str, dict[str, str]], actions: tuple[str, ...], column: str) -> str:
    """Return what somebody meets who needs all of `actions`: the first refusal, or Y."""
    cells = [matrix[action][column] for action in actions]
    return next((cell for cell in cells if cell != "Y"), "Y")
