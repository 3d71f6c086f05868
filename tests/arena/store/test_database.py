import contextlib
import dataclasses
import errno
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arena.errors import ArenaError
from arena.store import database, outcomes, replays, schema
from arena.store.database import Database
from arena.store.records import Identity, MatchResult, Place, Placing, SeatResult
from tests.arena.store import random_matches

ANN, RANDOM = Identity("human:Ann", "Ann", "human"), Identity("builtin:random", "random", "builtin")
BOB = Identity("agent:b0b", "bob", "agent", "run bob at step 9")
CHECKOUT = Path(__file__).resolve().parents[3]


def a_match(
    number: int = 0, players: tuple[Identity, ...] = (ANN, RANDOM), game: str = "maze/run", **changes: Any
) -> MatchResult:
    seats = tuple(SeatResult(player, -float(seat), seat + 1) for seat, player in enumerate(players))
    return dataclasses.replace(MatchResult(game, {}, number, seats, 10, f"{number:016x}"), **changes)


@pytest.fixture
def log() -> Iterator[Database]:
    with Database.open() as opened:
        yield opened


def test_a_match_is_kept_whole(log: Database, saves: Path) -> None:
    result = a_match(options={"sticky": 0.25, "levels": "held-out", "fog": True, "size": 9, "seats": 2})
    before = time.time()
    assert log.add(result)
    (kept,) = log.matches()
    assert kept.result == result and kept.result.id == result.id
    assert before <= kept.ended.timestamp() <= time.time()
    assert log.path == saves / "arena.db"


def test_a_match_that_is_known_is_not_counted_twice(log: Database) -> None:
    assert log.add(a_match()) and not log.add(a_match())
    assert len(log.matches()) == 1
    assert [tally.matches for tally in log.tallies("maze/run")] == [1, 1]


def test_matches_are_listed_newest_first_by_game_and_player(log: Database) -> None:
    first, second, third = a_match(1), a_match(2, (BOB, RANDOM)), a_match(3, game="maze/tag")
    for result in (first, second, third):
        log.add(result)

    def listed(**which: Any) -> list[MatchResult]:
        return [kept.result for kept in log.matches(**which)]

    assert listed() == [third, second, first]
    assert listed(limit=2) == [third, second]
    assert listed(game="maze/run") == [second, first]
    assert listed(player="Ann") == listed(player="human:Ann") == [third, first]
    assert listed(game="maze/run", player="random", limit=1) == [second]
    assert listed(game="maze/none") == listed(player="' OR 1=1 --") == []
    assert log.games() == ["maze/run", "maze/tag"]


def test_an_empty_log_has_nothing(log: Database) -> None:
    assert (log.matches(), log.games(), log.pairs("maze/run"), log.tallies("maze/run")) == ([], [], {}, [])


def test_a_match_is_found_by_the_beginning_of_its_id(log: Database) -> None:
    results = [a_match(number) for number in range(40)]
    for result in results:
        log.add(result)
    assert log.find(results[7].id).result == results[7]
    assert log.find(results[7].id[:13].upper()).result == results[7]
    for unknown in ("", "zzz", "%"):
        with pytest.raises(ArenaError, match="no match"):
            log.find(unknown)
    common = next(c for c in "0123456789abcdef" if sum(r.id.startswith(c) for r in results) > 1)
    with pytest.raises(ArenaError, match="give more"):
        log.find(common)


def test_an_agent_is_listed_under_its_latest_name(log: Database) -> None:
    log.add(a_match(1, (BOB, RANDOM)))
    log.add(a_match(2, (dataclasses.replace(BOB, name="rob", detail="run"), RANDOM)))
    (tally, _) = log.tallies("maze/run")
    assert (tally.player.name, tally.player.detail, tally.wins) == ("rob", "run", 2)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(random_matches.results(random_matches.FEW_IDENTITIES, st.just("maze/race")), max_size=12),
    st.integers(0, 10**9),
)
def test_the_counts_are_those_of_the_matches(tmp_path: Path, results: list[MatchResult], number: int) -> None:
    path = tmp_path / f"{number}-{time.monotonic_ns()}" / "arena.db"
    with Database.open(path) as log:
        with log._transaction():
            for result in results:
                log._insert(result, 0.0)
        kept = [one.result for one in log.matches()]
        assert sorted(kept, key=lambda result: result.id) == sorted(
            {result.id: result for result in reversed(results)}.values(), key=lambda result: result.id
        ), "of one match, what came first"
        assert log.pairs("maze/race") == outcomes.counted(kept)
        rated = [result for result in kept if result.rated]
        for tally in log.tallies("maze/race"):
            seats = [(r, s) for r in rated for s in r.seats if s.player.id == tally.player.id]
            assert tally.wins == sum(s.place == 1 and len(r.winners) == 1 for r, s in seats)
            assert tally.losses == sum(s.place > 1 for _, s in seats)
            assert tally.matches == len(seats) > 0
        assert sum(tally.matches for tally in log.tallies("maze/race")) == sum(len(r.seats) for r in rated)


def test_two_processes_write_at_once_and_nothing_is_lost(saves: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from tests.arena.store.test_database import a_match\n"
        "from arena.store.database import Database\n"
        "for n in range(int(sys.argv[1]), int(sys.argv[2])):\n"
        "    with Database.open() as log: log.add(a_match(n))\n"
    )
    ranges = [("0", "40"), ("30", "70"), ("60", "100")]
    writers = [subprocess.Popen([sys.executable, "-c", code, *bounds], cwd=CHECKOUT) for bounds in ranges]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    with Database.open() as log:
        assert sorted(kept.result.seed for kept in log.matches()) == list(range(100))
        assert [tally.matches for tally in log.tallies("maze/run")] == [100, 100]
        log.check()


def test_a_transaction_that_fails_leaves_nothing(log: Database) -> None:
    with pytest.raises(ArenaError, match="does not take the match"):
        log.add(a_match(seats=(SeatResult(ANN, 1.0, 1), SeatResult(RANDOM, float("nan"), 2))))
    assert log.matches() == [] and log.tallies("maze/run") == []
    assert log.add(a_match())


def test_a_damaged_database_is_an_error_that_says_what_to_do(saves: Path) -> None:
    with Database.open() as log, log._transaction():
        for number in range(300):
            log._insert(a_match(number), 0.0)
    path = saves / "arena.db"
    content = bytearray(path.read_bytes())
    content[6000:-3000] = bytes(len(content) - 9000)
    path.write_bytes(content)
    with pytest.raises(ArenaError, match="damaged") as caught, Database.open() as log:
        log.check()
    assert f"mv {path} {path}.damaged" in str(caught.value)
    assert path.read_bytes() == content, "nothing is set aside but by the user"


@pytest.mark.parametrize("content", [b"this is no database, but long enough to be looked at" * 100, b"short"])
def test_a_file_that_is_no_database_is_an_error(saves: Path, content: bytes) -> None:
    saves.mkdir()
    (saves / "arena.db").write_bytes(content)
    with pytest.raises(ArenaError, match="damaged"):
        Database.open()


def test_any_damage_is_an_arena_error_or_harmless(tmp_path: Path) -> None:
    with Database.open(tmp_path / "good.db") as log:
        for number in range(20):
            log.add(a_match(number))
    good = (tmp_path / "good.db").read_bytes()
    chance = random.Random(0)
    for turn in range(150):
        content = bytearray(good)
        for _ in range(chance.choice((1, 30, 1000))):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if turn % 5 == 0:
            del content[chance.randrange(len(content)) :]
        path = tmp_path / "bad.db"
        path.write_bytes(content)
        try:
            with Database.open(path) as log:
                log.matches()
                log.games()
                log.pairs("maze/run")
                log.tallies("maze/run")
                log.add(a_match(99))
                log.check()
        except ArenaError as error:
            assert str(error).isprintable()
        path.with_name("bad.db-journal").unlink(missing_ok=True)


def test_a_new_database_is_filled_from_the_replays(saves: Path) -> None:
    from tests.arena.store.test_replays import a_replay

    kept = [a_replay(digest=f"{number:016x}") for number in range(3)]
    for age, replay in enumerate(kept):
        os.utime(replays.save(replay), (1e9 - age, 1e9 - age))
    (replays.folder() / "00000000.replay").write_bytes(b"damaged")
    with Database.open() as log:
        assert [one.result for one in log.matches()] == [replay.result for replay in kept]
        assert log.matches()[0].ended.timestamp() == 1e9
        assert [tally.matches for tally in log.tallies("maze/run")] == [3, 3]


def test_a_newer_database_is_not_touched(saves: Path) -> None:
    with Database.open() as log:
        log._connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ArenaError, match="newer arena"):
        Database.open()


def test_a_database_of_something_else_is_not_touched(saves: Path) -> None:
    saves.mkdir()
    other = sqlite3.connect(saves / "arena.db")
    other.execute("CREATE TABLE music (title)")
    other.close()
    with pytest.raises(ArenaError, match="not the arena's"):
        Database.open()


def test_a_database_that_another_process_makes_at_the_same_moment_is_not_taken_for_a_strange_one(
    saves: Path,
) -> None:
    path = saves / "arena.db"
    saves.mkdir(parents=True, exist_ok=True)
    asking = sqlite3.connect(path, isolation_level=None)
    asked: list[str] = []

    def made_meanwhile(statement: str) -> None:
        """Between any two questions about an empty database, another process would make it the arena's."""
        asked.append(statement)
        if len(asked) == 3:
            with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:
                other.execute("BEGIN IMMEDIATE")
                schema.migrate(other, 0)
                with contextlib.suppress(sqlite3.OperationalError):  # who asks may keep it from being made
                    other.execute("COMMIT")

    with contextlib.closing(asking):
        asking.set_trace_callback(made_meanwhile)
        assert schema.version(asking, path) in (0, len(schema.MIGRATIONS))


def test_a_migration_keeps_the_data_and_a_copy_of_the_old_file(
    saves: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = len(schema.MIGRATIONS)
    with Database.open() as log:
        log.add(a_match())
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE later (x) STRICT"))
        with pytest.raises(ArenaError, match="missing datatype"):
            Database.open()
    with Database.open() as log:
        assert schema.version(log._connection, log.path) == before, (
            "a migration that fails leaves the database as it was"
        )
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE later (x ANY) STRICT"))
        with Database.open() as log:
            assert [kept.result for kept in log.matches()] == [a_match()]
            assert schema.version(log._connection, log.path) == before + 1
    with Database.open(saves / f"arena.db.version-{before}") as old:
        assert [kept.result for kept in old.matches()] == [a_match()]


def test_a_read_only_database_can_be_read_and_says_why_it_is_not_written(
    saves: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database.open() as log:
        log.add(a_match())
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)  # root may write everything
    with Database.open() as log:
        assert len(log.matches()) == 1
        with pytest.raises(ArenaError, match=r"cannot write .*ARENA_SAVES"):
            log.add(a_match(1))
        assert len(log.matches()) == 1


def test_a_folder_that_cannot_be_made_reads_as_an_empty_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("ARENA_SAVES", str(tmp_path / "file" / "saves"))
    with Database.open() as log:
        assert log.matches() == [] and log.games() == []
        with pytest.raises(ArenaError, match=r"cannot write .*ARENA_SAVES"):
            log.add(a_match())


def test_a_folder_that_cannot_be_looked_into_is_reported(
    saves: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", closed)
    with pytest.raises(ArenaError, match=r"permission denied.*ARENA_SAVES"):
        Database.open()


def test_a_file_that_cannot_be_opened_is_reported(saves: Path) -> None:
    (saves / "arena.db").mkdir(parents=True)
    with pytest.raises(ArenaError, match=r"cannot open .*ARENA_SAVES"):
        Database.open()


def test_a_full_disk_is_reported_and_nothing_is_half_kept(log: Database) -> None:
    log.add(a_match())
    pages = log._connection.execute("PRAGMA page_count").fetchone()[0]
    log._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ArenaError, match="disk is full"):
        for number in range(1, 1000):
            log.add(a_match(number, options={"x": "y" * 5000}))
    count = len(log.matches())
    assert [tally.matches for tally in log.tallies("maze/run")] == [count, count]


def test_a_database_that_is_kept_locked_is_reported(saves: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.1)
    with (
        Database.open() as log,
        Database.open() as other,
        other._transaction(),
        pytest.raises(ArenaError, match="locked"),
    ):
        log.add(a_match())


def test_a_log_of_the_first_version_becomes_this_ones_with_all_its_matches(
    saves: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        with Database.open() as log:
            log.add(a_match())
    place = Place(0, 0, 0, 0, 0)
    with Database.open() as log:
        assert not log.add(a_match(), Placing("swiss-1", place, "aa")), "the match is known, its place is not"
        assert [kept.result for kept in log.matches()] == [a_match()]
        assert {at: (kept.result, moves) for at, (kept, moves) in log.placed("swiss-1").items()} == {
            place: (a_match(), "aa")
        }


def test_a_place_in_a_tournament_is_taken_once_and_told_in_order(saves: Path) -> None:
    places = [Place(0, 1, 0, 0, 0), Place(0, 0, 1, 0, 1), Place(0, 0, 0, 2, 0), Place(1, 0, 0, 0, 0)]
    matches = [a_match(seed=seed) for seed in range(5)]
    with Database.open() as log:
        for place, match in zip(places, matches, strict=False):
            log.add(match, Placing("swiss-1", place, "aa"))
        log.add(matches[4], Placing("swiss-1", places[0], "bb"))
        log.add(matches[0], Placing("swiss-2", places[0], "cc"))
        placed = log.placed("swiss-1")
        assert list(placed) == sorted(places)
        assert placed[places[0]][0].result == matches[0], "who came second does not take it"
        assert len(log.matches()) == 5, "a match of two tournaments is one match"
        assert list(log.placed("swiss-2")) == [places[0]] and log.placed("swiss-3") == {}
        log.forget("swiss-1")
        assert log.placed("swiss-1") == {} and len(log.matches()) == 5 and log.tournaments() == {"swiss-2": 1}
