"""The report of the long campaigns says what ran, and does not hide what failed."""

from dataclasses import dataclass
from pathlib import Path

from tests.support.proof import write


@dataclass
class Report:
    """As much of pytest's report as is read."""

    nodeid: str


def test_each_suite_has_its_counts(tmp_path: Path) -> None:
    stats = {
        "passed": [Report("tests/test_writer.py::test_a"), Report("tests/test_writer.py::test_b")],
        "failed": [Report("tests/security/test_xss.py::test_c")],
    }
    text = write(stats, "sqlite", tmp_path).read_text()

    assert "| tests/test_writer.py | 2 | 0 | 0 | 0 |" in text
    assert "| tests/security/test_xss.py | 0 | 1 | 0 | 0 |" in text
