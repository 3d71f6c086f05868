"""The bracket of a knockout, drawn and by parts, against pictures drawn by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.tournaments import bracket
from arena.tournaments.standings import standings
from arena.tournaments.tournament import Tournament
from tests.arena.tournaments.made_up import by_chance, level, plan, play, record, stronger_first


def drawn(tournament: Tournament, width: int | None = None, longest: int = 20) -> str:
    lines = bracket.lines(tournament, width, longest)
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)


def won(tournament: Tournament) -> list[str]:
    """Names that are drawn as winners, from left to right and from above."""
    return [text.split()[0] for line in bracket.lines(tournament) for text, kind in line if kind == "won"]


def test_a_knockout_of_four_is_a_tree_in_which_who_wins_goes_on() -> None:
    tournament = play(Tournament(plan("knockout", 4, games=("maze/run",))), stronger_first)
    assert (
        drawn(tournament)
        == """\
Semi-finals  Final
A       1─┐
          ├─ A       1─┐
D       0─┘            │
                       ├─ A
B       1─┐            │
          ├─ B       0─┘
C       0─┘"""
    )


def test_the_weaker_who_wins_above_stays_above() -> None:
    tournament = Tournament(plan("knockout", 4, games=("maze/run",)))
    for task in [task for lot in tournament.lots() for task in lot.tasks]:
        record(tournament, task.place, stronger_first(task)[:: -1 if 3 in task.order else 1])
    rows = drawn(tournament).splitlines()
    assert rows[2].endswith("├─ D        ─┐") and rows[6].endswith("├─ B        ─┘")


def test_byes_and_rounds_to_come_have_their_places() -> None:
    assert (
        drawn(Tournament(plan("knockout", 3)))
        == """\
Semi-finals  Final
A        ─┐
          ├─ …        ─┐
bye      ─┘            │
                       ├─ …
B        ─┐            │
          ├─ …        ─┘
C        ─┘"""
    )


def test_where_there_is_no_room_for_the_tree_rounds_are_told_one_by_one() -> None:
    tournament = play(Tournament(plan("knockout", 4, games=("maze/run",))), stronger_first)
    assert (
        drawn(tournament, width=25)
        == """\
Round 1   A 1 - 0 D
          B 1 - 0 C
Round 2   A 1 - 0 B"""
    )


def test_who_has_lost_once_is_in_another_part_and_the_final_in_a_third() -> None:
    tournament = play(Tournament(plan("double-elimination", 4, games=("maze/run",))), stronger_first)
    text = drawn(tournament)
    assert [title for title in (bracket.ALL, bracket.AFTER, bracket.LAST) if title in text] == [
        *(bracket.ALL, bracket.AFTER, bracket.LAST)
    ]
    assert "Final" not in text.split(bracket.AFTER)[0], "the last of those without a loss is not the final"
    assert text.splitlines()[-1] == "Round 4   A 1 - 0 B"
    above, below = text.split(bracket.AFTER)
    assert above.splitlines()[1].split() == ["Round", "1", "Round", "2"]
    assert below.split()[:2] == ["Round", "2"], "rounds are numbered as they are played, in all parts"


def test_of_a_double_elimination_the_columns_are_the_rounds_in_which_they_are_played() -> None:
    tournament = play(Tournament(plan("double-elimination", 8, games=("maze/run",))), stronger_first)
    rounds = bracket.parts(tournament, [tournament.outcomes(n) for n in range(len(tournament.rounds))])
    titles = drawn(tournament).splitlines()[1].split("Round ")[1:]
    assert [int(title) for title in titles] == [number + 1 for number in rounds[bracket.ALL]]
    assert [*rounds[bracket.ALL]] != [0, 1, 2], "those who have lost once play in between"


def test_long_names_are_cut() -> None:
    text = drawn(play(Tournament(plan("knockout", 2, chance=1)), stronger_first), longest=4)
    assert "ran…" in text and "random" not in text


def test_a_level_encounter_is_won_by_the_first_as_soon_as_it_is_settled_and_not_before() -> None:
    tournament = Tournament(plan("knockout", 2))
    for place in [task.place for lot in tournament.lots() for task in lot.tasks]:
        record(tournament, place, level(tournament.task(place)))
    assert won(tournament) == []
    play(tournament, level)
    assert won(tournament) == ["A", "A"]


@given(st.integers(2, 17), st.sampled_from(["knockout", "double-elimination"]), st.integers(0, 999))
@settings(deadline=None, max_examples=40)
def test_every_encounter_is_in_one_part_and_the_last_that_is_left_ends_the_drawing(
    entrants: int, format: str, seed: int
) -> None:
    tournament = play(Tournament(plan(format, entrants)), by_chance(seed))
    outcomes = [tournament.outcomes(number) for number in range(len(tournament.rounds))]
    found = bracket.parts(tournament, outcomes)
    places = [(number, at) for rounds in found.values() for number, places in rounds.items() for at in places]
    assert sorted(places) == [
        (number, at) for number, encounters in enumerate(tournament.rounds) for at in range(len(encounters))
    ]
    best = standings(tournament).lines[0].name
    if format == "knockout":
        lines = bracket.lines(tournament)
        assert (
            len({sum(len(text) for text, _ in line[:-1]) for line in lines[1:] if line[-1][1] == "won"}) <= 1
        )
        assert [line[-1][0] for line in lines[1:] if line[-1][1] == "won"] == [best]


@pytest.mark.parametrize("format", ["knockout", "double-elimination"])
def test_a_bracket_can_be_drawn_at_every_moment(format: str) -> None:
    tournament = Tournament(plan(format, 6))
    while lots := tournament.lots():
        assert drawn(tournament)
        task = next(task for task in lots[0].tasks if not tournament.done(task.place))
        record(tournament, task.place, stronger_first(task))
    assert "…" not in drawn(tournament)
