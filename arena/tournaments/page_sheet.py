"""What all parts of a tournament's page stand on: what is told, derived once, and how it is written."""

import html
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from arena.tournaments.formats import Outcome
from arena.tournaments.standings import Line, Standings, standings
from arena.tournaments.tournament import Played, Tournament

ACCENTS = 8
"""Players with a colour of their own, best first; the others are grey."""

LARGEST = 20_000
"""Encounters or matches that are listed at most: a browser still opens the page."""


@dataclass(frozen=True)
class Sheet:
    tournament: Tournament
    found: Standings
    played: Mapping[tuple[int, int], Sequence[Played]]
    outcomes: Sequence[Sequence[Outcome]]
    """Of each encounter of each round."""
    accents: Mapping[int, str]
    """Entrant -> the class that has its colour."""

    @classmethod
    def of(cls, tournament: Tournament) -> "Sheet":
        found, played = standings(tournament), tournament.played()
        return cls(
            tournament=tournament,
            found=found,
            played=played,
            outcomes=[tournament.outcomes(number, played) for number in range(len(tournament.rounds))],
            accents={line.entrant: f"c{at}" if at < ACCENTS else "cx" for at, line in enumerate(found.lines)},
        )

    @property
    def lines(self) -> tuple[Line, ...]:
        """Best first."""
        return self.found.lines

    def name(self, entrant: int) -> str:
        """Fit for an attribute or a text."""
        return escaped(self.tournament.plan.entrants[entrant].name)

    def who(self, entrant: int) -> str:
        """A player's name behind a dot in its colour."""
        name = self.name(entrant)
        return f'<span class="who {self.accents[entrant]}" title="{name}"><bdi>{name}</bdi></span>'


def escaped(text: str) -> str:
    """Fit for an attribute or a text, whatever somebody called themselves."""
    return html.escape("".join(map(_shown, text)))


def _shown(character: str) -> str:
    """A line's end is a space; what no page may hold is shown as missing."""
    if character.isspace():
        return " "
    return "\ufffd" if unicodedata.category(character) in ("Cc", "Cs", "Cn") else character


def section(title: str, *parts: str, note: str = "") -> str:
    told = f'<p class="note">{note}</p>' if note else ""
    return f"<section>\n<h2>{title}</h2>{told}\n{''.join(parts)}\n</section>\n"


def fold(title: str, content: str, *, open: bool) -> str:
    """What can be shut."""
    return f"<details{' open' if open else ''}><summary>{title}</summary>\n{content}\n</details>\n"


def scroll(content: str) -> str:
    """What may be wider than the page."""
    return f'<div class="scroll">{content}</div>'


def table(kind: str, head: str, rows: Iterable[str]) -> str:
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table class="{kind}"><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'


def several(count: int, what: str) -> str:
    """1 match, 2 matches, 3 rounds."""
    ending = "" if count == 1 else "es" if what.endswith("h") else "s"
    return f"{count:,} {what}{ending}"
