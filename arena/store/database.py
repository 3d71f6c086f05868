"""The match log: SQLite at `arena.db` in `saves()`. Ratings and leaderboards are derived from it.

A finished match, its seats and the counts that ratings are fitted to are one transaction, on the disk
when `add` returns: a leaderboard takes as long after a million matches as after ten. The journal is the
rollback journal: WAL has a bug, up to SQLite 3.51.2, that loses data when two connections write. Any
number of processes may have the database open at once.
"""

import contextlib
import json
import os
import shlex
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self

from arena import places
from arena.errors import ArenaError
from arena.store import home, replays, schema
from arena.store.outcomes import Outcomes, Pair, Tally, pairs, placed
from arena.store.records import Identity, MatchResult, Place, Placing, SeatResult
from arena.store.titles import holders, today

_BUSY_SECONDS = 20.0
_NOWHERE = "file::memory:"
_CLOSED = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR)
_ELSEWHERE = ", or set ARENA_SAVES to a folder you can write in"


@dataclass(frozen=True, slots=True)
class KeptMatch:
    """A match of the log."""

    result: MatchResult
    ended: datetime
    """UTC."""


class Database:
    """The match log, open. Close it, or use it in a `with`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, path: Path | None = None) -> Self:
        """The log at `path`, or the user's. It is made where there is none, from the replays beside it. Where
        nothing may be written it can still be read, an absent one as an empty one.

        Raises ArenaError when it is damaged, not ours, or newer than this program.
        """
        path = path or places.saves() / "arena.db"
        with contextlib.suppress(ArenaError):
            home.make_folder(path.parent)
        with _reading(path), home.writing(path.parent):
            database = cls(path, _connect(path))
            try:
                database._prepare()
                if not path.exists():
                    database._connection.execute("PRAGMA query_only = ON")
            except BaseException:
                database.close()
                raise
        return database

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, result: MatchResult, placing: Placing | None = None) -> bool:
        """Keep a match that has just ended, and its place in a tournament: they are on the disk when this
        returns. False when it was known. A place that is taken stays as it is.

        Raises ArenaError where it cannot be written.
        """
        with _explained(self.path), self._transaction():
            new = self._insert(result, time.time())
            if placing is not None:
                self._connection.execute(
                    "INSERT INTO places SELECT ?, ?, ?, ?, ?, ?, number, ? FROM matches WHERE id = ?"
                    " ON CONFLICT DO NOTHING",
                    (placing.tournament, *astuple(placing.place), placing.moves, result.id),
                )
        return new

    def placed(self, tournament: str) -> dict[Place, tuple[KeptMatch, str]]:
        """The matches of a tournament so far by their places, in order, and each one's `moves`."""
        query = "SELECT round, encounter, game, pair, turn, match, moves FROM places WHERE tournament = ?"
        with _reading(self.path):
            rows = self._connection.execute(f"{query} ORDER BY 1, 2, 3, 4, 5", (tournament,)).fetchall()
        kept = self._matches("number IN (SELECT match FROM places WHERE tournament = ?)", [tournament])
        return {Place(*place): (kept[number], moves) for *place, number, moves in rows}

    def forget(self, tournament: str) -> None:
        """No match has a place in it any more. Raises ArenaError where that cannot be written."""
        with _explained(self.path), self._transaction():
            self._connection.execute("DELETE FROM places WHERE tournament = ?", (tournament,))

    def tournaments(self) -> dict[str, int]:
        """How many matches each tournament has, where it has any."""
        with _reading(self.path):
            query = "SELECT tournament, count(*) FROM places GROUP BY tournament"
            return dict(self._connection.execute(query).fetchall())

    def matches(
        self, game: str | None = None, player: str | None = None, limit: int | None = None
    ) -> list[KeptMatch]:
        """The matches at `game` in which `player` (an id or a name) sat, newest first."""
        conditions, values = ["TRUE"], list[str | int]()
        if game is not None:
            conditions.append("game = ?")
            values.append(game)
        if player is not None:
            conditions.append(
                "number IN (SELECT match FROM seats WHERE player IN"
                " (SELECT number FROM players WHERE id = ? OR name = ?))"
            )
            values += [player, player]
        values.append(-1 if limit is None else limit)
        where = " AND ".join(conditions) + " ORDER BY ended DESC, number DESC LIMIT ?"
        return list(self._matches(where, values).values())

    def find(self, match_id: str) -> KeptMatch:
        """The one match whose id begins with `match_id`. Raises ArenaError when there is none, or more."""
        prefix = match_id.lower()
        near = self._matches("id >= ? AND id < ? ORDER BY id LIMIT 2", [prefix, prefix + "\U0010ffff"])
        found = list(near.values())
        if not prefix or not found:
            raise ArenaError(f"no match {match_id} in {self.path}; `arena replay` lists what there is")
        if len(found) > 1:
            ids = ", ".join(kept.result.id[: len(prefix) + 4] for kept in found)
            raise ArenaError(f"several matches begin with {match_id} ({ids}, ...); give more of the id")
        return found[0]

    def games(self) -> list[str]:
        """The ids of all games with a match in the log, sorted."""
        with _reading(self.path):
            # one look into the index a game; DISTINCT would read all of it
            rows = self._connection.execute(
                """
                WITH RECURSIVE known (game) AS (
                    SELECT min(game) FROM matches
                    UNION ALL SELECT (SELECT min(game) FROM matches m WHERE m.game > known.game)
                    FROM known WHERE known.game IS NOT NULL
                ) SELECT game FROM known WHERE game IS NOT NULL
                """
            )
            return [game for (game,) in rows]

    def pairs(self, game: str) -> dict[Pair, Outcomes]:
        """What the rated matches at `game` say, as `outcomes.counted` adds them up."""
        with _reading(self.path):
            rows = self._connection.execute(
                """
                SELECT p.id, q.id, advantage, players, wins, draws, losses
                FROM pairs JOIN players p ON p.number = first JOIN players q ON q.number = second
                WHERE game = ? ORDER BY p.id, q.id, advantage, players
                """,
                (game,),
            )
            return {Pair(p, q, bool(seat), players): Outcomes(*n) for p, q, seat, players, *n in rows}

    def tallies(self, game: str) -> list[Tally]:
        """Every player with a rated match at `game`, by id, as it is called today."""
        champions = self._champions
        with _reading(self.path):
            rows = self._connection.execute(
                """
                SELECT id, name, kind, detail, wins, draws, losses, last
                FROM tallies JOIN players ON number = player WHERE game = ? ORDER BY id
                """,
                (game,),
            )
            return [
                Tally(today(Identity(*who), champions), w, d, n, _moment(last))
                for *who, w, d, n, last in rows
            ]

    def check(self) -> None:
        """Read all of it. Raises ArenaError, saying what was found, when anything is damaged."""
        with _reading(self.path):
            findings = [text for (text,) in self._connection.execute("PRAGMA integrity_check(3)")]
            broken = self._connection.execute("PRAGMA foreign_key_check").fetchone()
        if findings != ["ok"]:
            raise _damaged(self.path, "; ".join(findings))
        if broken:
            raise _damaged(self.path, f"a row of {broken[0]} points to a missing row of {broken[2]}")

    @cached_property
    def _champions(self) -> frozenset[str]:
        return holders()

    def _matches(self, where: str, values: list[str | int]) -> dict[int, KeptMatch]:
        """By their numbers, newest first."""
        query = f"""
            SELECT m.number, m.game, m.options, m.seed, m.ticks, m.digest, m.ended,
                   p.id, p.name, p.kind, p.detail, s.score, s.place, s.forfeit
            FROM (SELECT * FROM matches WHERE {where}) m
            JOIN seats s ON s.match = m.number
            JOIN players p ON p.number = s.player
            ORDER BY m.ended DESC, m.number DESC, s.seat
        """
        kept, champions = dict[int, KeptMatch](), self._champions
        with _reading(self.path):
            rows = self._connection.execute(query, values)
            for (number, game, options, seed, ticks, digest, ended), seats in groupby(
                rows, lambda row: row[:7]
            ):
                found = tuple(
                    SeatResult(today(Identity(*row[7:11]), champions), *row[11:14]) for row in seats
                )
                result = MatchResult(game, json.loads(options), seed, found, ticks, digest)
                kept[number] = KeptMatch(result, _moment(ended))
        return kept

    def _insert(self, result: MatchResult, ended: float) -> bool:
        run = self._connection.execute
        match = run(
            "INSERT INTO matches (id, game, options, seed, ticks, digest, ended) VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING",
            (
                result.id,
                result.game,
                json.dumps(dict(result.options), sort_keys=True),
                result.seed,
                result.ticks,
                result.digest,
                ended,
            ),
        )
        if match.rowcount == 0:
            return False
        numbers = {}
        for seat, one in enumerate(result.seats):
            player = one.player
            (number,) = run(
                "INSERT INTO players (id, name, kind, detail) VALUES (?, ?, ?, ?) ON CONFLICT (id)"
                " DO UPDATE SET name = excluded.name, detail = excluded.detail RETURNING number",
                (player.id, player.name, player.kind, player.detail),
            ).fetchone()
            numbers[player.id] = number
            run(
                "INSERT INTO seats (match, seat, player, score, place, forfeit) VALUES (?, ?, ?, ?, ?, ?)",
                (match.lastrowid, seat, number, one.score, one.place, one.forfeit),
            )
        for pair, n in pairs(result):
            first, second = numbers[pair.first], numbers[pair.second]
            run(
                "INSERT INTO pairs VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " wins = wins + excluded.wins, draws = draws + excluded.draws,"
                " losses = losses + excluded.losses",
                (result.game, first, second, pair.advantage, pair.players, n.wins, n.draws, n.losses),
            )
        for player, n in placed(result):
            run(
                "INSERT INTO tallies VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " wins = wins + excluded.wins, draws = draws + excluded.draws,"
                " losses = losses + excluded.losses, last = max(last, excluded.last)",
                (result.game, numbers[player.id], n.wins, n.draws, n.losses, ended),
            )
        return True

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of it or nothing, and nobody else writes meanwhile."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _prepare(self) -> None:
        """Bring the schema to this program's version."""
        version = schema.version(self._connection, self.path)
        if version == len(schema.MIGRATIONS):
            return
        if version > 0:
            self._back_up(version)
        with self._transaction():
            version = schema.version(self._connection, self.path)  # another process may have been faster
            schema.migrate(self._connection, version)
            if version == 0:
                self._recover()

    def _back_up(self, version: int) -> None:
        """A copy of the database as it is, before it is changed."""
        copy = sqlite3.connect(":memory:")
        with contextlib.closing(copy):
            self._connection.backup(copy)
            content = copy.serialize()
        home.write_atomically(self.path.with_name(f"{self.path.name}.version-{version}"), content)

    def _recover(self) -> None:
        """Fill a new log from the replays beside it: so nothing is lost with a database that was damaged."""
        folder = replays.folder()
        if self.path.parent != folder.parent:
            return
        for match_id in reversed(replays.ids()):
            path = folder / f"{match_id}.replay"
            with contextlib.suppress(ArenaError, OSError):  # a damaged one is reported where it is asked for
                self._insert(replays.read(path).result, path.stat().st_mtime)


def _connect(path: Path) -> sqlite3.Connection:
    if path.exists():
        name = f"{path.absolute().as_uri()}?mode={'rw' if os.access(path, os.W_OK) else 'ro'}"
    else:
        name = f"{path.absolute().as_uri()}?mode=rwc" if os.access(path.parent, os.W_OK) else _NOWHERE
    connection = sqlite3.connect(name, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        # FULL would leave the journal's removal to chance in a power cut, and with it the last match
        connection.execute("PRAGMA synchronous = EXTRA")
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors inside into an ArenaError that names the file and says what to do."""
    try:
        yield
    except UnicodeDecodeError as error:  # in the text of an error of SQLite's own
        raise _damaged(path, str(error)) from error
    except sqlite3.IntegrityError as error:
        raise ArenaError(f"{path} does not take the match ({error}); `arena doctor` checks it") from error
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            why = f"another program has kept {path} locked for {_BUSY_SECONDS:.0f} s; end it and try again"
        elif code == sqlite3.SQLITE_FULL:
            why = f"cannot write {path}: the disk is full; free some space there{_ELSEWHERE}"
        elif code in _CLOSED:
            done = "open" if code == sqlite3.SQLITE_CANTOPEN else "write"
            why = f"cannot {done} {path} ({error}); allow reading and writing there{_ELSEWHERE}"
        else:
            raise _damaged(path, str(error)) from error
        raise ArenaError(why) from error


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    """As `_explained`, where a value that is not what we wrote shows that the file is damaged."""
    try:
        with _explained(path):
            yield
    except (ValueError, TypeError, OverflowError, OSError) as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, found: str) -> ArenaError:
    found = "".join(c if c.isprintable() else "?" for c in " ".join(found.split()))[:300]
    there, away = shlex.quote(str(path)), shlex.quote(f"{path}.damaged")
    return ArenaError(
        f"the database {path} is damaged ({found}); move it away (mv {there} {away}), and a new one is made"
        " from the replays"
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
