"""A setting that is out of its limits is named, with its value and what it may be."""

import math
from types import SimpleNamespace

import pytest

from agents import limits


@pytest.mark.parametrize(
    ("kind", "allowed", "refused", "words"),
    [
        ("counts", (1, 7), (0, -1), "at least 1"),
        ("positive", (1e-9, 3.0), (0.0, -1.0, math.inf, math.nan), "above 0"),
        ("not_negative", (0.0, 3.0), (-1e-9, math.inf, math.nan), "0 or more"),
        ("shares", (0.0, 0.5, 1.0), (-0.1, 1.1, math.nan), "from 0 to 1"),
    ],
)
def test_what_is_out_of_its_limits_is_refused_in_words(
    kind: str, allowed: tuple[float, ...], refused: tuple[float, ...], words: str
) -> None:
    for value in allowed:
        limits.check(SimpleNamespace(gamma=value), **{kind: ("gamma",)})  # type: ignore[arg-type]
    for value in refused:
        with pytest.raises(ValueError, match=f"^gamma is {value}; it must be {words}$"):
            limits.check(SimpleNamespace(gamma=value), **{kind: ("gamma",)})  # type: ignore[arg-type]
