"""Nobody else's code runs unasked."""

import json
from pathlib import Path

import pytest

from arena import cli
from arena.cli import trusting
from arena.cli.trusting import trust
from arena.errors import ArenaError, UsageError
from tests.arena.matches.visitors import install

BEFORE = "(visiting:Counting of visitors 1.0) is somebody else's: code from there may do all that you may do"


@pytest.fixture(autouse=True)
def visitors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    install(folder, monkeypatch)
    return folder


@pytest.fixture
def unrunnable(visitors: Path) -> Path:
    """Leaves a mark where any of the code has run."""
    (visitors / "visiting.py").write_text(f"open({str(visitors / 'mark')!r}, 'w').close()\n")
    return visitors / "mark"


@pytest.mark.parametrize(
    "line",
    [
        "match maze/run entry:counting random",
        "match maze/run entry:counting --terminal",
        "play maze/race --vs entry:counting --terminal",
        "watch entry:counting maze/run --terminal",
        "watch entry:counting maze/run --export film.gif",
    ],
)
def test_where_nobody_can_be_asked_a_command_says_what_to_add(
    line: str, unrunnable: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(line.split()) == 1
    out, err = capsys.readouterr()
    assert not out and f"arena: entry:counting {BEFORE}; if you trust it, add --trust\n" in err
    assert not unrunnable.exists()


def test_who_says_so_beforehand_is_not_asked(capsys: pytest.CaptureFixture[str]) -> None:
    line = "match maze/run entry:counting entry:crashing --games 2 --seed 1 --option size=7 --trust --json"
    assert cli.run(line.split()) == 0
    told = json.loads(capsys.readouterr().out)
    assert [player["forfeits"] for player in told["players"]] == [0, 2], "the series goes on"
    seat = told["matches"][0]["seats"][1]
    assert seat["forfeit"] == "its process ended: ZeroDivisionError: division by zero"


def test_the_question_names_each_of_them_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(trusting, "agree", lambda question, refusal: asked.append(question))
    trust(["ppo", "random", "human"], "maze/run", False)
    trust(["entry:counting"], "maze/run", True)
    assert not asked
    trust(["entry:counting", "ppo", "entry:random", "entry:counting"], "maze/run", False)
    assert len(asked) == 1 and asked[0].count("entry:counting") == asked[0].count("entry:random") == 1
    assert "To play maze/run, code from there runs" in asked[0]


def test_one_that_there_is_not_is_told_of_before_anybody_is_asked(tmp_path: Path) -> None:
    for trusted in (True, False):
        with pytest.raises(UsageError, match="no player is called 'entry:nobody'"):
            trust(["entry:nobody"], "maze/run", trusted)
        with pytest.raises(UsageError, match="there is no file"):
            trust([f"sb3:{tmp_path / 'no.zip'}"], "maze/run", trusted)
    with pytest.raises(ArenaError, match="is no model"):
        (tmp_path / "no.zip").write_text("")
        trust([f"sb3:{tmp_path / 'no.zip'}"], "maze/run", True)


def test_they_are_listed(unrunnable: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["agents", "maze/run"]) == 0
    assert "entry:counting" in capsys.readouterr().out
    assert cli.run(["agents", "maze/run", "--json"]) == 0
    listed = {choice["name"]: choice for choice in json.loads(capsys.readouterr().out)}
    assert listed["entry:counting"]["detail"] == "visiting:Counting of visitors 1.0"
    assert cli.run(["agents"]) == 0
    assert "Somebody else's: entry:broken, entry:counting, " in capsys.readouterr().err
    assert not unrunnable.exists()
