"""The tournaments' screen: what it shows, what its keys begin, and what its form refuses."""

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from arena.store import tournaments
from arena.store.records import Identity, MatchResult, Placing, Replay, SeatResult
from arena.store.tournaments import Entrant, Plan
from arena.tournaments.tournament import Tournament
from arena.tui import tournament_folders
from arena.tui.app import ArenaApp
from arena.tui.screens.tournament_form import TournamentForm
from arena.tui.screens.tournaments import TournamentsScreen
from arena.tui.tournaments import Order
from arena.tui.widgets.field import Field
from arena.tui.widgets.tournament_view import TournamentView
from tests.arena.tui.piloting import children_say, seen, settle, shows, told

ENTRANTS = (
    ("ppo", "agent:1", "agent"),
    ("random", "builtin:random", "builtin"),
    ("noop", "builtin:noop", "builtin"),
)


def planned(
    *people: str, format: str = "round-robin", games: tuple[str, ...] = ("maze/run",), rounds: int = 1
) -> Plan:
    """A tournament of an agent, two built-ins and `people`; nothing has been played."""
    all_of_them = [*ENTRANTS, *((name, f"human:{name}", "human") for name in people)]
    entrants = [
        (Entrant(name, (Identity(id, name, kind),) * len(games), (False,) * len(games)), [None] * len(games))  # type: ignore[arg-type]
        for name, id, kind in all_of_them
    ]
    settings = {"options": {"size": 9}, "seats": 2, "pairs": 1, "rounds": rounds, "seed": 7}
    return tournaments.create(format=format, games=games, entrants=entrants, **settings)  # type: ignore[arg-type]


def play(plan: Plan, most: int = 1000, *, people: bool = False) -> None:
    """Keep results of matches that need nobody, or those of people: whoever entered first wins, in moves that
    are its own."""
    from arena.store.keeping import keep

    known = Tournament.load(plan)
    wanted = known.waiting() if people else [t.place for lot in known.lots() for t in lot.tasks]
    tasks = sorted({place: known.task(place) for place in wanted if not known.done(place)}.items())
    for number, (place, task) in enumerate(tasks[:most]):
        first = min(task.order)
        seats = tuple(
            SeatResult(plan.entrants[one].identities[place.game], float(one == first), 1 + (one != first))
            for one in task.order
        )
        result = MatchResult(plan.games[place.game], {"size": 9}, task.seed, seats, 57, f"{number:08x}")
        replay = Replay(result, bytes([number % 4] * 2 * 57), ("00",), {})
        keep(replay, Placing(plan.id, place, f"{plan.id} {place}"))


def on(app: ArenaApp) -> TournamentsScreen:
    assert isinstance(app.screen, TournamentsScreen)
    return app.screen


async def opened(pilot: Pilot[None]) -> None:
    await pilot.press("3")
    await settle(pilot)


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (200, 60), (60, 15)])
async def test_it_shows_standings_crosstable_and_matches_as_there_is_room(
    app: ArenaApp, size: tuple[int, int]
) -> None:
    play(planned())
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        text = seen(app)
        assert "3 of 3 matches" in text and "done" in text
        view = app.screen.query_one(TournamentView)
        assert view.cramped == (size[1] <= 24)
        if view.cramped:
            assert "Standings" in text and "Crosstable ─" not in text
            await pilot.press("t")
            text = seen(app)
        assert "1  ppo" in text and "1/1" in text and "Crosstable" in text
        assert size[0] == 60 or ("ppo 1 · random 0" in text and "57 moves" in text)
        for name in ("#how-far", "#fixtures", "#contest-list"):
            assert app.screen.region.contains_region(app.screen.query_one(name).region)


async def test_a_rating_is_a_bar_where_there_is_room(app: ArenaApp) -> None:
    play(planned())
    async with app.run_test(size=(120, 35)) as pilot:
        await opened(pilot)
        (line,) = [line for line in seen(app).splitlines() if "1  ppo" in line and "●" in line]
        assert "├" in line and "┤" in line and "±" in line
        assert "random is 0" in seen(app)


async def test_what_is_played_elsewhere_is_followed_with_the_time_left(app: ArenaApp) -> None:
    plan = planned(games=("maze/run", "maze/windy"))
    with tournaments.lock(plan):
        async with app.run_test(size=(120, 35)) as pilot:
            await opened(pilot)
            assert "0 of 6 matches" in seen(app) and "No match has been played yet" in seen(app)
            play(plan, most=2)
            playing = [{"place": [1, 0, 0, 0, 0], "ticks": 12}, {"place": [0, 0, 0, 0, 0], "ticks": 57}]
            tournaments.tell(plan, {"seconds": 30.0, "fresh": 2, "playing": playing})
            assert await shows(pilot, app, "2 of 6 matches · 30 s so far · 1:00 left")
            assert "being played" in seen(app) and "1 in play · 2 played" in seen(app)  # the other has ended
            assert "12 moves" in seen(app) and "33%" in seen(app)
            assert "s Stop" in seen(app) and "d Delete" not in seen(app) and "r Resume" not in seen(app)


async def test_one_whose_process_is_gone_can_be_gone_on_with(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch, saves: Path
) -> None:
    plan = planned()
    play(plan, most=1)
    children_say(monkeypatch, CHILD)
    async with app.run_test(size=(120, 35)) as pilot:
        await opened(pilot)
        assert "stopped" in seen(app) and "r Resume" in seen(app)
        await pilot.press("r")
        assert await told(pilot, app, "2 matches wait for people")
        await settle(pilot)
    assert json.loads((saves / "asked").read_text()) == ["--resume", plan.id]


CHILD = """
import json, os, pathlib, sys
pathlib.Path(os.environ["ARENA_SAVES"], "asked").write_text(json.dumps(sys.argv[1:]))
name = sys.argv[2] if sys.argv[1] == "--resume" else "told"
print(json.dumps({"event": "started", "tournament": name}), flush=True)
print(json.dumps({"event": "finished", "played": 1, "matches": 3, "waiting": 2}), flush=True)
"""

REFUSES = """
import json
print(json.dumps({"event": "error", "message": "they are the same player"}), flush=True)
raise SystemExit(2)
"""


async def test_it_is_deleted_only_if_one_says_so_and_its_matches_stay(app: ArenaApp) -> None:
    keeps, plan = planned(format="gauntlet"), planned()
    play(plan)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        for key, there in (("n", True), ("y", False)):
            await pilot.press("d")
            assert await shows(pilot, app, "Delete this tournament")
            await pilot.press(key)
            await settle(pilot)
            assert not there or plan.folder.exists()
        assert await told(pilot, app, f"{plan.id} is deleted")
        assert not plan.folder.exists()
        assert await shows(pilot, app, "gauntlet ·")
        assert (on(app).card or plan) == (on(app).card) and on(app).card.plan == keeps  # type: ignore[union-attr]
        await pilot.press("5")
        await settle(pilot)
        assert "3 matches" in seen(app)


async def test_a_match_of_a_person_is_opened_with_its_place(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch, saves: Path
) -> None:
    plan = planned("Ann", "Bob")
    play(plan)
    app.settings = app.settings.__class__(name="Bob")
    async with app.run_test(size=(120, 35)) as pilot:
        await opened(pilot)
        assert "waits for people" in seen(app) and "wait for Ann and Bob" in seen(app)
        asked: list[list[str]] = []

        async def show(app: ArenaApp, title: str, arguments: list[str], *, terminal: bool) -> None:
            asked.append(arguments)

        monkeypatch.setattr("arena.tui.playing.show", show)
        await pilot.press("p")
        await settle(pilot)
        known = Tournament.load(plan)
        first = next(at for at in known.waiting() if 4 in known.rounds[at.round][at.encounter])
        place = [first.round, first.encounter, first.game, first.pair, first.turn]
        assert asked == [["fixture", plan.id, *map(str, place)]]
        await pilot.press("tab", "tab", "tab", "enter")  # to the matches: the one under the cursor
        await settle(pilot)
        assert asked[1][0] == "fixture"


async def test_when_a_person_has_played_what_comes_next_is_played_at_once(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned("Ann", format="swiss", rounds=2)
    play(plan)
    app.settings = app.settings.__class__(name="Ann")
    resumed: list[str] = []

    async def show(app: ArenaApp, title: str, arguments: list[str], *, terminal: bool) -> None:
        play(plan, people=True)

    async def resume(app: ArenaApp, plan: Plan, began: object) -> None:
        resumed.append(plan.id)

    monkeypatch.setattr("arena.tui.playing.show", show)
    monkeypatch.setattr("arena.tui.tournaments.resume", resume)
    async with app.run_test(size=(120, 35)) as pilot:
        await opened(pilot)
        await pilot.press("p")
        await settle(pilot)
    assert resumed == [plan.id]


async def test_a_match_that_has_ended_is_shown_as_its_replay(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(planned())
    asked: list[list[str]] = []

    async def show(app: ArenaApp, title: str, arguments: list[str], *, terminal: bool) -> None:
        asked.append(arguments)

    monkeypatch.setattr("arena.tui.playing.show", show)
    async with app.run_test(size=(120, 35)) as pilot:
        await opened(pilot)
        await pilot.press("w")
        await settle(pilot)
        assert [words[0] for words in asked] == ["replay"]


async def test_the_page_is_written_and_one_is_told_where(app: ArenaApp) -> None:
    plan = planned()
    play(plan)
    async with app.run_test(size=(120, 35)) as pilot:
        await opened(pilot)
        await pilot.press("o")
        assert await told(pilot, app, str(plan.folder / "standings.html"))
    assert (plan.folder / "standings.html").read_text().startswith("<!")


async def test_quitting_asks_while_a_tournament_is_played(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned()
    children_say(monkeypatch, WAITS)
    async with app.run_test(size=(120, 35)) as pilot:
        await opened(pilot)
        await pilot.press("r")
        assert await shows(pilot, app, "starting")
        await pilot.press("q")
        assert await shows(pilot, app, f"{plan.id[0].upper()}{plan.id[1:]} is still going on")
        await pilot.press("n")
        await settle(pilot)
        assert app.processes.running("tournament")
        await pilot.press("q")
        assert await shows(pilot, app, "is still going on")
        await pilot.press("y")
        await pilot.pause(1.0)
    assert not app.processes.running("tournament")


WAITS = """
import json, sys
print(json.dumps({"event": "started", "tournament": sys.argv[2]}), flush=True)
sys.stdin.readline()
print(json.dumps({"event": "stopped", "played": 0, "matches": 3, "waiting": 0}), flush=True)
"""


# The form


async def form(app: ArenaApp, pilot: Pilot[None]) -> TournamentForm:
    await opened(pilot)
    await pilot.press("a")
    await settle(pilot)
    assert await shows(pilot, app, "encounters of")
    assert isinstance(app.screen, TournamentForm)
    return app.screen


async def test_the_form_has_defaults_that_can_be_begun(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch, saves: Path
) -> None:
    children_say(monkeypatch, CHILD)
    async with app.run_test(size=(80, 24)) as pilot:
        shown = await form(app, pilot)
        assert "3 encounters of 1 match: 3 matches." in seen(app)
        for widget in shown.query("Field, Input"):
            assert shown.region.contains_region(widget.region)
        shown.query_one("#seeds", Input).value = "4"
        shown.query_one("#seed", Input).value = "9"
        await pilot.pause()
        assert "3 encounters of 4 matches: 12 matches." in seen(app)
        await pilot.press("ctrl+s")
        assert await told(pilot, app, "2 matches wait for people")
        assert isinstance(app.screen, TournamentsScreen)
    assert json.loads((saves / "asked").read_text()) == [
        *("--format", "round-robin", "--games", "4", "--seats", "2", "--game", "maze/run"),
        *("--player", "random", "--player", "pathfinder", "--player", "noop", "--seed", "9", "--me"),
        app.settings.me,
    ]


async def test_the_form_says_what_cannot_be_and_begins_nothing(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        shown = await form(app, pilot)
        for name, value, why in (
            ("#format-field", "knockout", "leave rounds=3 out"),
            ("#seats-field", 4, "needs 4 at least"),
        ):
            shown.query_one("#rounds", Input).value = "3"
            shown.query_one(name, Field).take(value)
            await pilot.pause()
            assert why in " ".join(seen(app).split())
            await pilot.press("ctrl+s")
            await pilot.pause()
            assert app.screen is shown
            shown.query_one("#format-field", Field).take("round-robin")
        assert not app.processes.running("tournament")


async def test_the_form_stays_with_what_is_complained_about(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    children_say(monkeypatch, REFUSES)
    async with app.run_test(size=(80, 24)) as pilot:
        shown = await form(app, pilot)
        await pilot.press("ctrl+s")
        assert await shows(pilot, app, "they are the same player")
        assert app.screen is shown


async def test_players_are_marked_in_their_order_and_others_typed(app: ArenaApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        shown = await form(app, pilot)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter", *"human:Bob", "enter", "escape")
        await pilot.pause()
        assert shown.query_one("#players-field", Field).value == ("pathfinder", "noop", "human:Bob")


async def test_code_of_somebody_elses_runs_only_if_one_says_so(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch, saves: Path
) -> None:
    children_say(monkeypatch, CHILD)
    async with app.run_test(size=(80, 24)) as pilot:
        shown = await form(app, pilot)
        shown._enter(("random", "entry:theirs"))
        for key in ("n", "y"):
            await pilot.press("ctrl+s")
            assert await shows(pilot, app, "Somebody else's player")
            assert not (saves / "asked").exists()
            await pilot.press(key)
            await pilot.pause()
        assert await told(pilot, app, "2 matches wait for people")
    assert json.loads((saves / "asked").read_text())[-1] == "--trust"


def test_an_order_as_a_command_line() -> None:
    order = Order(("maze/run",), ("ppo", "human"), "swiss", 2, 3, 2, 4, 5, ("size=9",))
    assert order.arguments("Ann") == [
        *("--format", "swiss", "--games", "2", "--seats", "2", "--game", "maze/run"),
        *("--player", "ppo", "--player", "human", "--option", "size=9", "--rounds", "3", "--seed", "4"),
        *("--workers", "5", "--me", "Ann"),
    ]


# What is read


def test_what_has_not_changed_is_not_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    plans = [planned(), planned("Ann")]
    play(plans[0])
    loaded: list[str] = []
    load = Tournament.load
    monkeypatch.setattr(Tournament, "load", lambda plan: loaded.append(plan.id) or load(plan))
    folders = tournament_folders.Folders()
    for _ in range(3):
        cards, whole = folders.look()
        assert whole
        folders.follow(cards[0])
    assert [card.state for card in cards] == ["stopped", "done"]
    assert sorted(loaded) == sorted([plans[0].id, plans[1].id, cards[0].plan.id])
    play(plans[1])
    assert [card.state for card in folders.look()[0]] == ["waiting", "done"]
    assert len(loaded) == 5  # `play` has loaded it too


def test_many_are_read_bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        planned()
    monkeypatch.setattr(tournament_folders, "AT_ONCE", -1.0)
    folders = tournament_folders.Folders()
    cards, whole = folders.look()
    assert not whole and [card.state for card in cards] == ["", "", ""]
    look = folders.follow(cards[0])
    assert look.card.state == "stopped" and look.card.matches == 3


def test_a_damaged_plan_is_passed_over() -> None:
    plan, broken = planned(), planned()
    (broken.folder / "plan.json").write_text("{")
    assert [card.plan.id for card in tournament_folders.Folders().look()[0]] == [plan.id]


async def test_one_at_a_game_that_is_no_more_is_passed_over(app: ArenaApp) -> None:
    plan, gone = planned(), planned()
    path = gone.folder / "plan.json"
    path.write_text(path.read_text().replace("maze/run", "maze/gone"))
    assert [card.plan.id for card in tournament_folders.Folders().look()[0]] == [plan.id]


async def test_who_has_the_name_of_a_person_is_not_trusted_for_that(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch, saves: Path
) -> None:
    children_say(monkeypatch, CHILD)
    plan = planned("entry:theirs")
    path = plan.folder / "plan.json"
    path.write_text(path.read_text().replace('"name": "ppo"', '"name": "entry:theirs"'))
    async with app.run_test(size=(120, 35)) as pilot:
        await opened(pilot)
        await pilot.press("p")
        assert await shows(pilot, app, "Somebody else's player")
        assert not (saves / "asked").exists()
