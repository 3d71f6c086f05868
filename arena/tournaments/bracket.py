"""A knockout's bracket: who met whom on the way to the final, and how it looks in lines of text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arena.store.records import in_figures
from arena.tournaments.formats import Outcome
from arena.tournaments.tournament import Played, Tournament

Meetings = Mapping[tuple[int, int], Sequence[Played]]
"""By round and encounter: the matches that have been played."""

ALL, AFTER, LAST = "Without a loss", "After a loss", "Final"
"""The parts of a bracket; a knockout in which the first loss is the last has the first of them alone."""

ROUND_NAMES = {1: "Final", 2: "Semi-finals", 4: "Quarter-finals"}
"""By the number of encounters."""

UNKNOWN = "…"

Piece = tuple[str, str]
"""Text, and what it is: `name`, `won` (a name), `line` or `title`."""


def parts(tournament: Tournament, outcomes: Sequence[Sequence[Outcome]]) -> dict[str, dict[int, list[int]]]:
    """Part -> round -> the encounters that belong there, in order. `outcomes` are those of each round."""
    lost = [0] * len(tournament.plan.entrants)
    found: dict[str, dict[int, list[int]]] = {}
    for number, encounters in enumerate(tournament.rounds):
        for at, encounter in enumerate(encounters):
            lives = {lost[entrant] for entrant in encounter}
            part = LAST if len(lives) > 1 or LAST in found else AFTER if lives == {1} else ALL
            found.setdefault(part, {}).setdefault(number, []).append(at)
        if tournament.settled(number):
            for encounter, outcome in zip(encounters, outcomes[number], strict=True):
                if len(encounter) == 2:
                    lost[encounter[1 if outcome[0] >= outcome[1] else 0]] += 1
    return found


def complete(tournament: Tournament, number: int, played: Sequence[Played]) -> bool:
    """Whether what an encounter was planned to have has been played."""
    return tournament.settled(number) or len(played) >= int(tournament.bye)


def goes_on(tournament: Tournament, number: int, outcome: Outcome, played: Sequence[Played]) -> int | None:
    """Which side of an encounter has won it; the first where it stays level. None while that is open."""
    if not complete(tournament, number, played):
        return None
    best = max(outcome)
    if outcome.count(best) > 1 and not tournament.settled(number):
        return None
    return list(outcome).index(best)


@dataclass(frozen=True, slots=True)
class _Side:
    name: str
    points: str = ""
    won: bool = False
    entrant: int = -1


def lines(tournament: Tournament, width: int | None = None, longest: int = 20) -> list[list[Piece]]:
    """The bracket as lines of text: a tree for those who have not lost, where `width` columns are enough; the
    rounds one by one for others. Names are cut at `longest` columns."""
    played = tournament.played()
    outcomes = [tournament.outcomes(number, played) for number in range(len(tournament.rounds))]
    found = parts(tournament, outcomes)
    drawn: list[list[Piece]] = []
    for part, rounds in found.items():
        sides = {
            number: [_sides(tournament, number, at, outcomes, played, longest) for at in places]
            for number, places in rounds.items()
        }
        if drawn:
            drawn.append([])
        if len(found) > 1:
            drawn.append([(part, "title")])
        tree = _tree(sides, named=len(found) == 1) if part == ALL else []
        drawn += tree if tree and (width is None or columns(tree) <= width) else _rounds(sides)
    return drawn


def columns(drawn: Sequence[Sequence[Piece]]) -> int:
    """How wide lines are."""
    return max(len("".join(text for text, _ in line).rstrip()) for line in drawn)


def _sides(
    tournament: Tournament,
    number: int,
    at: int,
    outcomes: Sequence[Sequence[Outcome]],
    played: Meetings,
    longest: int,
) -> list[_Side]:
    encounter, outcome = tournament.rounds[number][at], outcomes[number][at]
    names = [_cut(tournament.plan.entrants[entrant].name, longest) for entrant in encounter]
    if len(encounter) == 1:
        return [_Side(names[0], won=True, entrant=encounter[0]), _Side("bye")]
    matches = played.get((number, at), ())
    winner = goes_on(tournament, number, outcome, matches)
    return [
        _Side(name, in_figures(points) if matches else "", side == winner, entrant)
        for side, (name, points, entrant) in enumerate(zip(names, outcome, encounter, strict=True))
    ]


def _tree(found: Mapping[int, Sequence[Sequence[_Side]]], *, named: bool) -> list[list[Piece]]:
    """A column a round, `named` by how many are left, each player between the two of whom it was the better;
    at the end who is left. Where they are not, rounds that are to come have no number yet."""
    numbers, rounds = list(found), list(found.values())
    first = len(rounds[0])
    depth = first.bit_length()
    sides = [side for encounters in rounds for encounter in encounters for side in encounter]
    names = max([len(UNKNOWN), *(len(side.name) for side in sides)])
    points = max(len(side.points) for side in sides)
    grid: list[list[Piece]] = [[] for _ in range(4 * first - 1)]
    known_titles = [f"Round {number + 1}" for number in numbers]
    titles = [
        ROUND_NAMES.get(first >> column, f"Round {column + 1}")
        if named
        else [*known_titles, *[""] * depth][column]
        for column in range(depth)
    ]
    names = max(names, max(map(len, titles)) - points - 3)
    rows = [4 * encounter + 2 * side for encounter in range(first) for side in (0, 1)]
    for column in range(depth):
        known = rounds[column] if column < len(rounds) else None
        count = first >> column
        cells: dict[int, list[Piece]] = {}
        after: dict[int, str] = {}
        middles = []
        for encounter in range(count):
            top, bottom = rows[2 * encounter], rows[2 * encounter + 1]
            pair = known[encounter] if known is not None else [_Side(UNKNOWN), _Side(UNKNOWN)]
            if column and known is not None:  # who came from above stays above
                above = [side.entrant for side in rounds[column - 1][2 * encounter]]
                pair = pair if pair[0].entrant in above else pair[::-1]
            for row, side in zip((top, bottom), pair, strict=True):
                cells[row] = _cell(side, names, points)
            middles.append((top + bottom) // 2)
            after |= dict.fromkeys(range(top + 1, bottom), "│  ")
            after |= {top: "┐  ", middles[-1]: "├─ ", bottom: "┘  "}
        for row, line in enumerate(grid):
            line += cells.get(row, [(" " * (names + points + 1), "line")])
            line.append(("─" if row in cells else " ", "line"))
            line.append((after.get(row, "   "), "line"))
        rows = middles
    champion = next((side for side in rounds[-1][0] if side.won), None) if len(rounds) == depth else None
    [row] = rows
    grid[row].append((champion.name, "won") if champion else (UNKNOWN, "line"))
    return [[(title.ljust(names + points + 5), "title") for title in titles], *grid]


def _cell(side: _Side, names: int, points: int) -> list[Piece]:
    text = f"{side.name:<{names}} {side.points:>{points}}"
    kind = "won" if side.won else "line" if side.name in (UNKNOWN, "bye") and not side.points else "name"
    return [(text, kind)]


def _rounds(sides: Mapping[int, Sequence[Sequence[_Side]]]) -> list[list[Piece]]:
    """An encounter a line, under its round."""
    every = [side for encounters in sides.values() for encounter in encounters for side in encounter]
    names = max(len(side.name) for side in every)
    points = max(len(side.points) for side in every)
    drawn: list[list[Piece]] = []
    for number, encounters in sides.items():
        for at, (one, other) in enumerate(encounters):
            title = f"Round {number + 1}" if at == 0 else ""
            drawn.append(
                [
                    (f"{title:<10}", "title"),
                    *_cell(one, names, points),
                    (" - ", "line"),
                    (f"{other.points:<{points}} {other.name}", _cell(other, names, points)[0][1]),
                ]
            )
    return drawn


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
