"""The tables of the match log, and how those of an earlier program become this one's."""

import sqlite3
from pathlib import Path

from arena.errors import ArenaError

APPLICATION_ID = int.from_bytes(b"AREN")
"""By which a database says that it is the arena's."""

MIGRATIONS = (
    """
    CREATE TABLE players (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
    CREATE TABLE matches (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        game TEXT NOT NULL,
        options TEXT NOT NULL CHECK (json_valid(options)),
        seed INTEGER NOT NULL,
        ticks INTEGER NOT NULL,
        digest TEXT NOT NULL,
        ended REAL NOT NULL  -- seconds since 1970, UTC
    ) STRICT;
    CREATE TABLE seats (
        match INTEGER NOT NULL REFERENCES matches,
        seat INTEGER NOT NULL,
        player INTEGER NOT NULL REFERENCES players,
        score REAL NOT NULL,
        place INTEGER NOT NULL,
        forfeit TEXT,
        PRIMARY KEY (match, seat)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE pairs (
        game TEXT NOT NULL,
        first INTEGER NOT NULL REFERENCES players,
        second INTEGER NOT NULL REFERENCES players,
        advantage INTEGER NOT NULL,
        players INTEGER NOT NULL,
        wins INTEGER NOT NULL,
        draws INTEGER NOT NULL,
        losses INTEGER NOT NULL,
        PRIMARY KEY (game, first, second, advantage, players)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE tallies (
        game TEXT NOT NULL,
        player INTEGER NOT NULL REFERENCES players,
        wins INTEGER NOT NULL,
        draws INTEGER NOT NULL,
        losses INTEGER NOT NULL,
        last REAL NOT NULL,
        PRIMARY KEY (game, player)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX matches_by_game ON matches (game, ended);
    CREATE INDEX matches_by_time ON matches (ended);
    CREATE INDEX seats_by_player ON seats (player);
    """,
    """
    CREATE TABLE places (
        tournament TEXT NOT NULL,
        round INTEGER NOT NULL,
        encounter INTEGER NOT NULL,
        game INTEGER NOT NULL,
        pair INTEGER NOT NULL,
        turn INTEGER NOT NULL,
        match INTEGER NOT NULL REFERENCES matches,
        moves TEXT NOT NULL,
        PRIMARY KEY (tournament, round, encounter, game, pair, turn)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX places_by_match ON places (match);
    """,
)
"""Version n of the schema is made by the first n; a database says its own in `user_version`."""


def version(connection: sqlite3.Connection, path: Path) -> int:
    """0 for an empty database. Raises ArenaError for one that is not ours, or of a later program."""
    # In one statement: between two, another process may make the database.
    version, application, tables = connection.execute(
        "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema)"
        " FROM pragma_user_version, pragma_application_id"
    ).fetchone()
    if tables and application != APPLICATION_ID:
        raise ArenaError(f"{path} is a database, but not the arena's; move it away and try again")
    if version > len(MIGRATIONS):
        raise ArenaError(
            f"{path} was written by a newer arena (version {version} of the schema, this one knows"
            f" {len(MIGRATIONS)}); update this arena, or set ARENA_SAVES to another folder"
        )
    return int(version)


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """From `version` to the latest, within a transaction of the caller's."""
    for migration in MIGRATIONS[version:]:
        for statement in migration.split(";"):
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
