"""What every room knows of a match."""

import pytest

from arena.errors import UsageError
from arena.store.records import LARGEST_SEED, check_seed, in_figures


@pytest.mark.parametrize(
    ("score", "shown"),
    [
        (3.0, "3"),
        (0.25, "0.25"),
        (1204.0, "1,204"),
        (0.5, "0.5"),
        (-0.001, "0"),
        (100.0, "100"),
        (-7.0, "-7"),
    ],
)
def test_a_score_is_shown_without_a_tail_of_zeros(score: float, shown: str) -> None:
    assert in_figures(score) == shown


def test_the_largest_seed_is_one_and_the_next_is_none() -> None:
    check_seed(0)
    check_seed(LARGEST_SEED)
    for seed in (-1, LARGEST_SEED + 1):
        with pytest.raises(UsageError, match=f"the seed {seed}: a seed is a whole number from 0 to"):
            check_seed(seed)
