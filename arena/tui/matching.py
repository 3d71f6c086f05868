"""What is found by a few letters of it, typed in their order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual.fuzzy import Matcher

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    item: T
    at: tuple[int, ...] = ()
    """Where its text holds the letters; nowhere where it was found by its other name."""


def search(
    query: str, items: Iterable[T], text: Callable[[T], str], other: Callable[[T], str]
) -> list[Found[T]]:
    """The items whose text holds `query`, or else whose other name does, the best first. What matches much
    worse than the best is left out. A slash in front is the key that opens a search, not a part of it."""
    matcher = Matcher(query.strip().removeprefix("/"))
    found: list[tuple[float, Found[T]]] = []
    for item in items:
        if score := matcher.match(text(item)):
            spans = matcher.highlight(text(item)).spans
            at = tuple(i for span in spans for i in range(span.start, span.end))
            found.append((1 + score, Found(item, at)))
        elif score := matcher.match(other(item)):
            found.append((score, Found(item)))
    top = max((score for score, _ in found), default=0.0)
    return [one for score, one in sorted(found, key=lambda pair: -pair[0]) if score > top / 4]
