"""This machine: how fast it is, and what works on it."""

import shutil
import textwrap
from dataclasses import asdict
from typing import Annotated

import typer

from arena.cli.arguments import Json
from arena.cli.output import StatusLine, note, say, say_json, table

PANEL = "This machine"


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(bench)
    app.command(rich_help_panel=PANEL)(doctor)


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME", help="maze, atari, versus, tournament, explore, ppo, dqn; all when none is named."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Speed on this machine, beside what users would pick instead, measured in the same run.

    \b
    Examples:
      arena bench maze
      arena bench --json
    """
    from arena.cli.bench import BENCHES, check_known, run_bench

    chosen = names or list(BENCHES)
    check_known(chosen)
    reports = []
    status = StatusLine()
    for name in chosen:
        report = run_bench(name, status.show)
        status.clear()
        reports.append(report)
        if not as_json:
            say(f"{report.bench}: {report.setting}.")
            table(
                ("", report.unit, "slowest to fastest", f"x {report.baseline}"),
                [
                    (
                        line.name,
                        f"{line.rate:,.0f}",
                        f"{line.low:,.0f} to {line.high:,.0f}",
                        _ratio(line.ratio),
                    )
                    for line in report.lines
                ],
                right=(1, 2, 3),
            )
            say()
    if as_json:
        say_json([asdict(report) for report in reports])


def _ratio(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"


def doctor(as_json: Json = False) -> None:
    """What works on this machine: display, sound, GPU, ROMs, database; and what to do about the rest.

    Exit code 1 when something must be mended; what the arena can do without is not counted.
    """
    from arena.cli.doctor import examine

    checks = []
    for check in examine():
        checks.append(check)
        if not as_json:
            state, name = str(check.state), check.name
            for line in _lines(check.found) + _lines(check.advice):
                say(f"{state:<8} {name:<15} {line}")
                state = name = ""
    problems = sum(check.state == "problem" for check in checks)
    if as_json:
        say_json([asdict(check) for check in checks])
    note()
    note(f"{problems} to mend" if problems else "all that is needed works")
    raise typer.Exit(1 if problems else 0)


def _lines(text: str) -> list[str]:
    """`text` in lines that fit beside the first two columns; paths stay whole, to be copied."""
    width = shutil.get_terminal_size().columns - 25
    return textwrap.wrap(text, max(width, 40), break_long_words=False, break_on_hyphens=False)
