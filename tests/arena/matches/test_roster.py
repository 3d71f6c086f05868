import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

import agents.catalog
from agents.catalog import AGENTS
from arena import places
from arena.errors import ArenaError, UsageError
from arena.games import catalog
from arena.matches import roster
from arena.matches.match import Match
from arena.matches.player import AgentPlayer, Learning, Noop, Pathfinder, RandomPlayer
from arena.store import checkpoints, runs, watched
from arena.training.run import train
from arena.training.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name, kind", [("random", RandomPlayer), ("noop", Noop), ("pathfinder", Pathfinder)])
def test_a_built_in_player_is_found_by_its_name(name: str, kind: type) -> None:
    player = roster.resolve(name, "maze/run")
    assert type(player) is kind and player.identity.id == f"builtin:{name}"


def test_a_person_sits_down_with_a_joystick_and_a_name() -> None:
    player = roster.resolve("human", "maze/run", joystick=lambda: 1, me="Ann")
    assert (player.identity.id, player.identity.name, player.identity.kind) == ("human:Ann", "Ann", "human")


def test_a_person_cannot_play_headless() -> None:
    with pytest.raises(UsageError, match="arena play"):
        roster.resolve("human", "maze/run", me="Ann")


def test_who_gives_no_name_has_their_login_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for login, name in (("ada", "ada"), ("a\x1bda ", "ada"), ("x" * 40, "x" * 24), ("\n", "you")):
        monkeypatch.setenv("LOGNAME", login)
        assert roster.person() == name


@pytest.mark.parametrize("name", ["", "  ", "x" * 25, "a\nb", "\x1b[2J", " ann"])
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no name for the leaderboard"):
        roster.person(name)


@pytest.mark.parametrize(
    "name, words",
    [
        ("randm", "did you mean random.*at maze/run there are human, .*noop"),
        ("patfinder", "did you mean pathfinder"),
        ("", "no player is called ''"),
        ("nobody-at-all", "no player is called 'nobody-at-all';"),
    ],
)
def test_an_unknown_player_is_refused_with_the_nearest_and_the_list(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        roster.resolve(name, "maze/run")


def test_an_unknown_game_is_refused() -> None:
    for ask in (roster.available, lambda game: roster.resolve("random", game)):
        with pytest.raises(UsageError, match="did you mean maze/run"):
            ask("maze/rn")


def test_the_pathfinder_knows_mazes_only() -> None:
    with pytest.raises(UsageError, match="knows the way in mazes only"):
        roster.resolve("pathfinder", "gym/CartPole-v1")


def test_an_agent_without_a_champion_says_how_to_train_one() -> None:
    with pytest.raises(UsageError, match=r"none at all.*`arena train ppo maze/run` trains one"):
        roster.resolve("ppo", "maze/run")


def test_a_missing_run_or_folder_is_refused() -> None:
    with pytest.raises(UsageError, match="no run is called 'nothing'"):
        roster.resolve("ppo@nothing", "maze/run")
    with pytest.raises(ArenaError, match="plain name"):
        roster.resolve("ppo@../../etc", "maze/run")
    with pytest.raises(ArenaError, match="no checkpoint"):
        roster.resolve("./nowhere", "maze/run")


@pytest.fixture
def run() -> runs.Run:
    """A run on maze/run that has learned nothing and has one checkpoint."""
    kind = agents.catalog.load("ppo")
    envs = catalog.vector("maze/run", 2, 0)
    spaces = envs.single_observation_space, envs.single_action_space
    envs.close()
    learner = kind(*spaces, kind.config_type(), seed=0)
    config = asdict(learner.config)
    opened = runs.create(agent="ppo", game="maze/run", options={}, seed=0, config=config)
    checkpoints.save(
        opened.checkpoint(0), learner, agent="ppo", game="maze/run", options={}, seed=0, spaces=spaces
    )
    opened.end("stopped")
    return runs.read_run(opened.folder)


def test_an_agent_is_found_by_its_run_its_folder_and_as_champion(run: runs.Run) -> None:
    assert run.checkpoint is not None
    of_run = roster.resolve(f"ppo@{run.id}", "maze/run")
    of_folder = roster.resolve(str(run.checkpoint), "maze/run")
    meta = checkpoints.save_champion(
        checkpoints.read_meta(run.checkpoint), options={}, greedy=False, card={"summary": "91% solved"}
    )
    champion = roster.resolve("ppo", "maze/run")
    assert isinstance(of_run, AgentPlayer) and isinstance(champion, AgentPlayer)
    assert of_run.identity.name == f"ppo@{run.id}" and run.id in of_run.identity.detail
    assert of_folder.identity.id == of_run.identity.id, "the same weights are the same player"
    assert champion.identity.name == "ppo" and champion.identity.detail == "champion, 91% solved"
    assert champion.identity.id == f"agent:{meta.digest}" != of_run.identity.id
    assert of_run.greedy and not champion.greedy
    result = Match("maze/run", [champion, of_run], 0, {"size": 7}).play()
    assert [seat.forfeit for seat in result.seats] == [None, None]


def test_a_runs_id_alone_means_its_player_too(run: runs.Run) -> None:
    alone, named = (roster.resolve(name, "maze/run") for name in (run.id, f"ppo@{run.id}"))
    assert alone.identity == named.identity
    assert roster.run_of(run.id) == roster.run_of(f"ppo@{run.id}") == run
    assert roster.run_of("ppo") is None and roster.run_of("random") is None
    with pytest.raises(UsageError, match=f"did you mean .*{run.id}"):
        roster.resolve(run.id[:-1], "maze/run")
    with pytest.raises(UsageError, match="trains ppo, not dqn"):
        roster.run_of(f"dqn@{run.id}")


@pytest.mark.parametrize("name", ["together", "ppo@together"])
def test_a_group_of_runs_is_no_player_and_its_runs_are_named(name: str) -> None:
    for seed in (2, 1):
        config = {"total_steps": 10}
        runs.create(
            agent="ppo", game="maze/run", options={}, seed=seed, config=config, group="together"
        ).close()
    several = ", ".join(run.id for run in runs.of_group("together"))
    asked = (
        roster.run_of,
        roster.game_of,
        lambda name: roster.resolve(name, "maze/run"),
        lambda name: roster.checkpoint_of(name, "maze/run"),
    )
    for ask in asked:
        with pytest.raises(UsageError, match=f"together is a group of several runs; .*: {several}$"):
            ask(name)


def test_a_player_that_still_learns_draws_from_its_policy_and_tells_its_step(run: runs.Run) -> None:
    mark = watched.newest(run)
    assert mark is not None
    weights = replace(watched.read(mark), step=1_200_000)
    player = roster.learning(watched.build(run, weights), run, weights)
    other = roster.learning(watched.build(run, weights), run, replace(weights, digest="another"))
    assert isinstance(player, Learning) and not player.greedy
    assert player.identity.detail == f"run {run.id} at step 1,200,000"
    assert player.identity.id.startswith("agent:") and player.identity.id != other.identity.id


def test_an_agent_for_another_game_is_refused(run: runs.Run) -> None:
    assert run.checkpoint is not None
    checkpoints.save_champion(checkpoints.read_meta(run.checkpoint), options={}, greedy=True, card={})
    with pytest.raises(
        UsageError, match=r"no champion for maze/race \(it has them for maze/run\).*arena train"
    ):
        roster.resolve("ppo", "maze/race")
    for name in (f"ppo@{run.id}", str(run.checkpoint)):
        with pytest.raises(UsageError, match="is for maze/run, not maze/race"):
            roster.resolve(name, "maze/race")


def test_a_damaged_champion_is_a_clear_error_when_it_is_asked_for(run: runs.Run) -> None:
    assert run.checkpoint is not None
    meta = checkpoints.save_champion(checkpoints.read_meta(run.checkpoint), options={}, greedy=True, card={})
    weights = meta.folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    with pytest.raises(ArenaError):
        roster.resolve("ppo", "maze/run")
    (meta.folder / "meta.json").write_text("{")
    with pytest.raises(ArenaError):
        roster.resolve("ppo", "maze/run")
    assert ["damaged" in str(c.why_not) for c in roster.available("maze/run") if c.name == "ppo"] == [True]


def test_the_best_is_offered_first_and_what_cannot_be_says_why(run: runs.Run) -> None:
    assert run.checkpoint is not None

    def names() -> tuple[list[str], list[str]]:
        choices = roster.available("maze/run")
        return (
            [choice.name for choice in choices if choice.why_not is None],
            [choice.name for choice in choices if choice.why_not is not None],
        )

    of_run = f"ppo@{run.id}"
    learned = [name for name in AGENTS if name not in ("go-explore", "robustify")]
    built_in = ["random", "noop", "go-explore"]
    assert names() == (["human", "pathfinder", of_run, *built_in], learned)
    checkpoints.save_champion(checkpoints.read_meta(run.checkpoint), options={}, greedy=True, card={})
    others = [name for name in learned if name != "ppo"]
    assert names() == (["human", "ppo", "pathfinder", of_run, *built_in], others)
    elsewhere = {choice.name: choice.why_not for choice in roster.available("gym/CartPole-v1")}
    assert elsewhere["pathfinder"] and elsewhere["ppo"] and "arena train ppo" in elsewhere["ppo"]
    assert of_run not in elsewhere
    for unsound in ("gym/CartPole-v1", "atari/qbert"):
        why = {choice.name: choice.why_not for choice in roster.available(unsound)}["go-explore"]
        assert why == "plans only in games that can be put back: mazes, and most Atari games"
        with pytest.raises(UsageError, match=f"go-explore plans only in games .*; {unsound} is none"):
            roster.resolve("go-explore", unsound)


def test_a_run_that_explores_has_nobody_to_sit_down() -> None:
    settings = Settings("go-explore", "maze/run", steps=400, options={"size": 7})
    *_, last = train(settings)
    assert last.run not in " ".join(choice.name for choice in roster.available("maze/run"))
    with pytest.raises(UsageError, match=f"{last.run} has explored maze/run, and has no policy"):
        roster.resolve(last.run, "maze/run")


def test_whoever_is_offered_can_sit_down(run: runs.Run) -> None:
    for choice in roster.available("maze/run"):
        if choice.why_not is None:
            player = roster.resolve(choice.name, "maze/run", joystick=lambda: None, me="Ann")
            assert player.identity.kind == choice.kind


def test_what_is_offered_is_found_without_loading_anything_heavy() -> None:
    code = (
        "import json, sys; from arena.matches.roster import available; available('maze/run')\n"
        "from arena.tournaments.ratings import leaderboard; leaderboard('maze/run')\n"
        "print(json.dumps([m for m in ('torch', 'pygame', 'ale_py', 'numba') if m in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []
    assert places.saves().is_dir()


def test_who_learned_on_a_console_with_four_does_not_sit_down_with_two(bundled: None) -> None:
    champion = roster.resolve("ppo@atari/pong", "versus/pong")
    champion.needs = {"seats": 4}
    with pytest.raises(UsageError, match="learned versus/pong with seats=4, and cannot play it with seats=2"):
        Match("versus/pong", [champion, Noop()], 1)


def test_a_champion_of_pong_for_one_sits_at_pong_for_two_in_either_seat(bundled: None) -> None:
    choices = {choice.name: choice for choice in roster.available("versus/pong")}
    assert "learned against the console" in choices["ppo@atari/pong"].detail
    champion = roster.resolve("ppo@atari/pong", "versus/pong")
    assert champion.identity.name == "ppo@atari/pong"
    for players in ([champion, Noop()], [Noop(), champion]):
        match = Match("versus/pong", players, 3)
        for _ in range(1_500):
            match.tick()
        seat = players.index(champion)
        assert match.scores[seat] - match.scores[1 - seat] >= 3
        assert not match.forfeits
        match.close()


def test_it_sits_nowhere_else(bundled: None) -> None:
    for game in ("versus/boxing", "maze/run"):
        with pytest.raises(UsageError, match="a champion of atari/pong cannot sit at"):
            roster.resolve("ppo@atari/pong", game)
