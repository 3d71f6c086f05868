"""`python -m arena.tournaments`: a tournament as a child process. JSON lines on stdout; "quit" on stdin, or
the end of a stdin that is a pipe, or SIGINT or SIGTERM, stops it. Every match is kept when it ends, so that
`--resume ID` goes on.

    python -m arena.tournaments --game G [--game G ...] --player P [--player P ...] [--format F] [--games N]
                                [--rounds N] [--seats N] [--seed S] [--option k=v] [--me NAME] [--workers N]
                                [--trust]
    python -m arena.tournaments --resume ID [--workers N] [--trust]

Events: `started` (with the `tournament`'s id, and what it is `preparing`, if anything), `progress` some times
a second (matches `played`, `matches` as far as is known, `seconds`, `playing`), then `stopped` or `finished`
(`waiting`: matches that wait for people), each with the figures. `error`, with a message for people, comes
before exit code 1 or 2.
"""

import argparse
import contextlib
import json
import os
import secrets
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from arena import parent
from arena.errors import ArenaError, UsageError
from arena.games.processes import cores
from arena.matches.foreign_names import is_foreign
from arena.store import faults, tournaments
from arena.store.options import key_values
from arena.store.records import LARGEST_SEED

if TYPE_CHECKING:
    from arena.store.tournaments import Plan
    from arena.tournaments.runner import News


class Stop:
    """Whether it has been asked to stop. While matches are played it is looked at between two words of the
    runner, so that nothing is torn; before that it interrupts."""

    asked = False
    playing = False

    def ask(self, *_: object) -> None:
        """As a signal's handler."""
        again, self.asked = self.asked, True
        if not (again or self.playing):
            raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 finished or stopped, 1 it could not be done, 2 wrong usage."""
    stop = Stop()
    try:
        given = _given(arguments)
        with _signals(stop):
            parent.on_quit(lambda: signal.raise_signal(signal.SIGTERM))
            _play(given, stop)
    except KeyboardInterrupt:  # there was nothing to be stopped yet
        return 0
    except BrokenPipeError:  # whoever listened is gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except ArenaError as error:
        return _refuse(str(error), error.exit_code)
    except Exception as error:
        if stop.asked and not stop.playing:  # interrupted in the middle of an import, which then failed
            return 0
        return _refuse(faults.in_a_line(error), 1)
    return 0


def _play(given: argparse.Namespace, stop: Stop) -> None:
    from arena.games import catalog
    from arena.tournaments.engines import Local
    from arena.tournaments.runner import job, run
    from arena.tournaments.tournament import Tournament

    if given.resume:
        plan = tournaments.find(given.resume)
        _trust([entrant.name for entrant in plan.entrants if not entrant.human], given.trust)
    else:
        _trust(given.players, given.trust)
        plan = _planned(given)
    with tournaments.lock(plan):
        tournament = Tournament.load(plan)
        preparing = next(filter(None, map(catalog.preparing, plan.games)), None)
        _say({"event": "started", "tournament": plan.id, **({"preparing": preparing} if preparing else {})})
        engine = Local(job(plan), given.workers or cores())

        def tell(news: "News") -> None:
            if stop.asked:
                raise KeyboardInterrupt
            if news.ended is None:
                played, matches = tournament.matches
                figures = {"played": played, "matches": matches}
                _say({"event": "progress", **figures, "seconds": news.seconds, "playing": len(news.ticks)})

        stop.playing = True
        ended = {"event": "stopped"}
        try:
            run(tournament, engine, tell)
            ended = {"event": "finished"}
        except KeyboardInterrupt:
            pass
        finally:
            engine.close()
    played, matches = tournament.matches
    _say({**ended, "played": played, "matches": matches, "waiting": len(tournament.waiting())})


def _planned(given: argparse.Namespace) -> "Plan":
    from arena.tournaments.entering import enter

    return enter(
        format=given.format,
        games=given.games,
        players=given.players,
        options=key_values(given.options),
        seats=given.seats,
        pairs=given.pairs,
        rounds=given.rounds,
        seed=secrets.randbelow(LARGEST_SEED + 1) if given.seed is None else given.seed,
        me=given.me,
    )


def _trust(players: Sequence[str], trusted: bool) -> None:
    """Raises UsageError where code of somebody else's would run that nobody has said may."""
    theirs = [name for name in players if is_foreign(name)]
    if theirs and not trusted:
        raise UsageError(
            f"{' and '.join(theirs)}: code of somebody else's may do all that you may do; if you trust it, "
            "add --trust"
        )


@contextlib.contextmanager
def _signals(stop: Stop) -> Iterator[None]:
    asked = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, stop.ask) for number in asked}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(content: dict[str, Any]) -> None:
    print(json.dumps(content), flush=True)


def _refuse(message: str, code: int) -> int:
    with contextlib.suppress(BrokenPipeError):
        _say({"event": "error", "message": message})
    return code


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise UsageError(message)


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(prog="python -m arena.tournaments", description="A tournament, as a child process.")
    parser.add_argument("--game", dest="games", action="append", default=[])
    parser.add_argument("--player", dest="players", action="append", default=[])
    parser.add_argument("--format", default="round-robin")
    parser.add_argument("--games", dest="pairs", type=int, default=1)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seats", type=int, default=2)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--option", dest="options", metavar="KEY=VALUE", action="append", default=[])
    parser.add_argument("--me")
    parser.add_argument("--workers", type=int)
    parser.add_argument("--trust", action="store_true")
    parser.add_argument("--resume", metavar="ID")
    given = parser.parse_args(arguments)
    if not given.resume and not (given.games and given.players):
        raise UsageError("name games and players, --game and --player, or what to go on with, --resume ID")
    if given.workers is not None and not 1 <= given.workers <= 1024:
        raise UsageError(f"{given.workers} workers: from 1 to 1,024 processes can play")
    return given


if __name__ == "__main__":
    sys.exit(main())
