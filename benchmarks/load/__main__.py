"""`python -m benchmarks.load`: a class at work, and where the server's knee is. Ends by itself."""

import argparse
import sys

from benchmarks.load.measures import SHOWN
from benchmarks.load.running import Plan, Report, run
from benchmarks.load.seminar import Stretch

_ERRORS_SHOWN = 10


def main() -> int:
    """Runs it and prints what came of it. The exit status is 1 when anything was wrong at the pace of people."""
    asked = _options()
    plan = Plan(asked.people, asked.minutes * 60, asked.processes, asked.database, asked.pace, asked.step)
    report = run(plan)
    print("\n".join(_lines(report)))
    return 1 if report.errors else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--people", type=int, default=300, help="students in the class")
    parser.add_argument("--minutes", type=float, default=3.0, help="how long they work at the pace of people")
    parser.add_argument("--processes", type=int, default=1, help="server processes, over one database")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--pace", type=float, default=1.0, help="2 for half the time to think between acts")
    parser.add_argument(
        "--step",
        type=float,
        default=20.0,
        help="seconds of each step towards the knee; 0: do not look for it",
    )
    return parser.parse_args()


def _lines(report: Report) -> list[str]:
    plan, work = report.plan, report.work
    lines = [
        f"{plan.people} people, {plan.seconds:.0f} s, {plan.processes} process(es), {plan.database}",
        "",
        *_times(work),
        "",
        f"Memory of the server: {report.before / 2**20:.0f} MiB before anybody came, "
        f"{report.after / 2**20:.0f} MiB after the work.",
        f"Processor: the server {work.server:.0%} of one, the people {work.client:.0%} of one.",
        f"Errors: {len(report.errors)}",
        *report.errors[:_ERRORS_SHOWN],
    ]
    return lines + (_knee(report) if report.steps else [])


def _times(work: Stretch) -> list[str]:
    lines = ["| what | number | a second | p50 | p95 | p99 |", "| --- | --- | --- | --- | --- | --- |"]
    for name in [*SHOWN, "elsewhere"]:
        number = work.section.number(name)
        shares = " | ".join(f"{work.section.at(name, share) * 1000:.0f} ms" for share in (0.5, 0.95, 0.99))
        lines.append(f"| {name} | {number} | {number / work.seconds:.1f} | {shares} |")
    return lines


def _knee(report: Report) -> list[str]:
    lines = [
        "",
        "| pace | writes a second | create p50 | create p95 | drawn p95 | server | people | errors |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for step in report.steps:
        section = step.section
        writes = section.number("create", "reply", "react") / step.seconds
        shown = [section.at("create", 0.5), section.at("create", 0.95), section.at("drawn", 0.95)]
        times = " | ".join(f"{value * 1000:.0f} ms" for value in shown)
        lines.append(
            f"| {step.pace:.2f} | {writes:.1f} | {times} | {step.server:.0%} | {step.client:.0%} | "
            f"{len(section.errors)} |"
        )
    return [*lines, "", f"The knee: {_where(report)}"]


def _where(report: Report) -> str:
    if report.knee is None:
        return "not reached."
    seen = [f"create p95 {report.knee.section.at('create', 0.95) * 1000:.0f} ms"]
    seen += report.knee.section.errors[:_ERRORS_SHOWN]
    return f"at pace {report.knee.pace:.2f} ({'; '.join(seen)})."


if __name__ == "__main__":
    sys.exit(main())
