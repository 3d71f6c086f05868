"""A tournament's page tells what there is, needs nothing else, and no name can break it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from arena.errors import ArenaError
from arena.store.records import Identity, MatchResult, SeatResult
from arena.store.tournaments import Entrant, Plan
from arena.tournaments.formats import FORMATS
from arena.tournaments.page import page, write
from arena.tournaments.page_plots import LABEL, spread, ticks
from arena.tournaments.page_sheet import Sheet
from arena.tournaments.standings import standings
from arena.tournaments.tournament import Played, Task, Tournament

NAMES = ("ada", "bo", "cy", "di", "ed")

VOID = {"meta", "br", "hr", "img", "input", "link"}

Scores = Callable[[Task, int], float | str]
"""(task, entrant) -> its score, or why it forfeited."""


class Page(HTMLParser):
    """What a browser would see: fails where an element is shut that is not open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.classes: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, attrs)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.classes += [one for name, value in attrs if name == "class" for one in (value or "").split()]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.text += data


def begun(
    format: str,
    names: Sequence[str] = NAMES,
    *,
    games: Sequence[str] = ("maze/run",),
    seats: int = 2,
    pairs: int = 1,
    rounds: int = 1,
) -> Tournament:
    return Tournament(
        Plan(
            id=f"{format}-0102-0304",
            format=format,
            games=tuple(games),
            options={},
            entrants=tuple(
                Entrant(name, (Identity(f"agent:{at}", name, "agent", "champion"),) * len(games), (False,))
                for at, name in enumerate(names)
            ),
            seats=seats,
            pairs=pairs,
            rounds=rounds,
            seed=7,
            created=datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        )
    )


def by_number(task: Task, entrant: int) -> float:
    return -float(entrant)


def play(
    tournament: Tournament,
    scores: Scores = by_number,
    *,
    most: int = 10**6,
    moves: Callable[[Task], str] = str,
    backwards: bool = False,
) -> Tournament:
    """At most so many matches of it."""
    while most and not tournament.over:
        tasks = [task for lot in tournament.lots() for task in lot.tasks if not tournament.done(task.place)]
        for task in (tasks[::-1] if backwards else tasks)[:most]:
            tournament.record(task.place, ended(tournament.plan, task, scores), moves(task))
            most -= 1
    return tournament


def ended(plan: Plan, task: Task, scores: Scores) -> MatchResult:
    got = [scores(task, entrant) for entrant in task.order]
    values = [float("-inf") if isinstance(one, str) else one for one in got]
    seats = tuple(
        SeatResult(
            player=plan.entrants[entrant].identities[0],
            score=0.0 if isinstance(one, str) else one,
            place=1 + sum(other > value for other in values),
            forfeit=one if isinstance(one, str) else None,
        )
        for entrant, one, value in zip(task.order, got, values, strict=True)
    )
    return MatchResult(plan.games[task.place.game], {}, task.seed, seats, 10, str(task.place))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("most", (0, 1, 3, 10**6))
def test_every_format_is_told_as_far_as_it_was_played(format: str, most: int) -> None:
    tournament = play(begun(format, rounds=3), most=most)
    text = page(tournament)
    seen = Page(text)
    assert all(name in seen.text for name in NAMES)
    assert tournament.over == (most > 3)
    assert ("Not finished" in seen.text) == (not tournament.over)
    assert ("nothing is played yet" in seen.text) == (most == 0)
    assert ("not played yet" in seen.text) == (not tournament.over)
    winner = "ada has won" if FORMATS[format].decides else "ada is first of 5"
    assert (winner in seen.text) == tournament.over
    assert ("Points over the rounds" in seen.text) == tournament.over
    assert ("Bracket" in seen.text) == FORMATS[format].decides
    assert ("Rounds" in seen.text) and ("Standings" in seen.text)
    played = [one for found in tournament.played().values() for one in found]
    assert len(played) == seen.text.count("maze/run") - text.split("</dl>")[0].count("maze/run")
    assert all(one.result.id in text for one in played)


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_tournament_gives_the_same_bytes(format: str) -> None:
    pages = {page(play(begun(format, rounds=2), backwards=backwards)) for backwards in (False, True)}
    assert len(pages) == 1


@pytest.mark.parametrize("format", FORMATS)
def test_it_needs_nothing_beside_itself(format: str) -> None:
    text = page(play(begun(format, rounds=3)))
    seen = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(seen.tags)
    assert not {"src", "href", "xlink:href", "srcset", "action"} & {name for name, _ in seen.attributes}
    assert not any(name.startswith("on") for name, _ in seen.attributes)
    assert "://" not in text and "url(" not in text and "@import" not in text


def test_names_and_reasons_are_text_whatever_they_are() -> None:
    names = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a & b's", "&lt;", "x\0\ud800\ny")
    reason = "raised <b>ValueError('\"')</b>"
    for format in FORMATS:
        tournament = play(begun(format, names, rounds=3), lambda task, one: reason if one == 1 else -one)
        text = page(tournament)
        text.encode()
        seen = Page(text)
        assert not {"script", "img", "b>"} & set(seen.tags)
        assert all(name in seen.text for name in names[:4])
        assert "x\ufffd\ufffd y" in seen.text
        assert reason in seen.text
        assert ("title", names[1]) in seen.attributes


def test_forfeits_byes_and_duplicates_are_told() -> None:
    tournament = play(
        begun("swiss", rounds=3, pairs=2),
        lambda task, one: "answered nonsense" if one == 2 else -one,
        moves=lambda task: f"{sorted(task.order)} {task.place.turn}",
    )
    text = page(tournament)
    seen = Page(text)
    found = standings(tournament)
    forfeits = sum(seat.forfeit is not None for one in played(tournament) for seat in one.result.seats)
    assert found.duplicates and forfeits
    assert seen.text.count("forfeit: answered nonsense") == forfeits
    assert text.count("<em>duplicate</em>") == found.duplicates
    assert f"{found.duplicates} matches are another's very twin" in seen.text
    assert text.count("<p>bye</p>") == 3
    assert all(title in seen.text for title in ("Forfeits", "Byes", "Buchholz", "S-B"))


def played(tournament: Tournament) -> list[Played]:
    return [one for found in tournament.played().values() for one in found]


def test_a_bracket_has_a_column_for_each_round_and_one_who_goes_on_in_each_encounter() -> None:
    tournament = play(begun("knockout", [f"p{at}" for at in range(8)]))
    text = page(tournament)
    seen = Page(text)
    assert seen.classes.count("round") == 3
    assert all(name in seen.text for name in ("quarter-finals", "semi-finals", "final"))
    assert seen.classes.count("card") == text.count('<div class="won">') == 7


def test_a_level_encounter_of_a_knockout_says_who_goes_on() -> None:
    seen = Page(page(play(begun("knockout", NAMES[:2]), lambda task, one: 0.0)))
    assert "level: the first named goes on" in seen.text
    assert "ada has won" in seen.text


def test_a_double_elimination_keeps_apart_who_has_lost() -> None:
    text = page(play(begun("double-elimination")))
    assert all(f"<h3>{title}</h3>" in text for title in ("Without a loss", "After a loss", "Final"))


def test_equals_share_the_first_place() -> None:
    seen = Page(page(play(begun("round-robin", NAMES[:2]), lambda task, one: 0.0)))
    assert "ada and bo share the first place" in seen.text


def test_three_at_a_time() -> None:
    tournament = play(begun("round-robin", NAMES[:4], games=("maze/race",), seats=3))
    seen = Page(page(tournament))
    assert seen.classes.count("card") == 4
    assert seen.classes.count("seat") == 3 * 12


def test_lines_of_points_end_where_the_standings_are() -> None:
    tournament = play(begun("swiss", rounds=4))
    text = page(tournament)
    for line in Sheet.of(tournament).lines:
        assert f"<title>{line.name}: {line.points:g}</title>" in text


def test_many_players_are_folded() -> None:
    names = [f"p{at}" for at in range(130)]
    text = page(play(begun("gauntlet", names)))
    Page(text)
    assert "<summary>130 ratings</summary>" in text
    assert "The first 120 of 130 are shown" in text
    assert "<details open>" not in text
    assert len(text) < 500_000


def test_it_is_written_or_says_why_not(tmp_path: Path) -> None:
    tournament = play(begun("gauntlet"))
    write(tournament, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page(tournament)
    with pytest.raises(ArenaError, match="cannot write"):
        write(tournament, tmp_path / "nowhere" / "page.html")


@pytest.mark.parametrize("low, high", ((0.0, 1.0), (-719.0, 1156.0), (0.0, 7.5), (3.0, 3.0), (-0.2, 0.1)))
def test_ticks_are_round_and_cover_what_is_drawn(low: float, high: float) -> None:
    marks = ticks(low, high, 4)
    assert marks[0] <= low and marks[-1] >= high
    assert 2 <= len(marks) <= 6


def test_labels_are_moved_apart_in_their_order() -> None:
    moved = spread([250.0, 255.0, 10.0, 251.0, 258.0], 260)
    assert sorted(range(5), key=moved.__getitem__) == [2, 0, 3, 1, 4]
    order = sorted(moved)
    assert all(after - before >= LABEL for before, after in pairwise(order))
    assert max(moved) <= 260 and order[0] == 10.0
