"""The command line: thin commands, each a headless twin of something the launcher does.

Data goes to stdout, all else to stderr. Exit codes: 0 done, 1 could not be done, 2 wrong usage,
130 interrupted. One clear line says why; no traceback reaches the screen.
"""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_command

from arena.cli import deciding, learning, listing, machine, playing, replaying, tournaments, watching
from arena.errors import ArenaError
from arena.store import faults

app = typer.Typer(
    name="arena",
    help="A desktop arena where people and learning agents play games.\n\n"
    "Without a command: the launcher. Where there is no terminal: one short demonstration match.",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _launch(context: typer.Context) -> None:
    if context.invoked_subcommand is not None:
        return
    if sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        from arena.tui.app import run

        run()
    else:
        from arena.cli.demonstration import demonstrate

        demonstrate()


for room in (playing, deciding, tournaments, watching, replaying, listing, learning, machine):
    room.add_to(app)


def main() -> NoReturn:
    """The `arena` command: run what the process was asked to, and exit."""
    sys.exit(run(sys.argv[1:]))


def commands() -> TyperGroup:
    """All of them, as what parses a command line."""
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def run(arguments: Sequence[str]) -> int:
    """Run one command line in this process. Returns the exit code; raises nothing a person would see."""
    try:
        code = commands()(arguments, prog_name="arena", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except ArenaError as error:
        return _refuse(str(error), error.exit_code)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "arena"
        return _refuse(f"{_one_line(error.format_message())} (`{path} --help` shows what can be said)", 2)
    except BrokenPipeError:
        # Whoever read our output has had enough (`arena games | head`). Nothing more can be flushed there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as stop:
        if isinstance(stop.__context__, BrokenPipeError):  # Typer has seen the broken pipe first
            return 0
        raise
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except Exception as error:
        return _refuse(faults.in_a_line(error), 1)


def _refuse(message: str, code: int) -> int:
    print(f"arena: {_one_line(message)}", file=sys.stderr)
    return code


def _one_line(text: str) -> str:
    return " ".join(text.split())
