"""Work in parts: nothing is left out, nothing is done twice, and the parts come back in order."""

import threading

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from agents.cores import in_parts, on_one_thread


@given(rows=st.integers(1, 300), parts=st.integers(1, 9))
def test_the_parts_are_all_rows_in_order_and_nearly_equal(rows: int, parts: int) -> None:
    found = in_parts(lambda part: list(range(rows))[part], rows, parts)
    assert [row for part in found for row in part] == list(range(rows))
    lengths = [len(part) for part in found]
    assert len(found) == min(parts, rows) and max(lengths) - min(lengths) <= 1


def test_parts_are_worked_on_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=20)  # broken, and an error, unless two wait for each other
    assert in_parts(lambda part: both.wait() in (0, 1), 2, 2) == [True, True]


def test_a_part_is_not_divided_again() -> None:
    """Each would wait for a thread that waits for it."""
    assert in_parts(lambda part: in_parts(lambda inner: inner, 10, 2), 2, 2) == [[slice(0, 10)]] * 2
    assert len(in_parts(lambda part: part, 10, 2)) == 2, "but what comes after it is"


@pytest.mark.parametrize("broken", [0, 1])
def test_an_error_in_any_part_is_raised(broken: int) -> None:
    def compute(part: slice) -> None:
        if part.start == broken:
            raise FloatingPointError("a part")

    with pytest.raises(FloatingPointError, match="a part"):
        in_parts(compute, 2, 2)


def test_on_one_thread_torch_shares_nothing_out_and_then_as_before() -> None:
    before = torch.get_num_threads()
    with on_one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
