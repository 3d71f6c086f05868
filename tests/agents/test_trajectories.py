"""The tree of trajectories against plain strings of actions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.trajectories import ROOT, START, Place, Tree, packed, unpacked


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=6), st.booleans()), max_size=60)
)
def test_a_trajectory_is_whole_whatever_is_let_go_of(deeds: list[tuple[int, bytes, bool]]) -> None:
    tree = Tree()
    held: list[tuple[Place, bytes]] = [(START, b"")]
    for pick, actions, let_go in deeds:
        place, before = held[pick % len(held)]
        branch = tree.grow(place, actions)
        held.append((Place(branch, len(actions)), before + actions))
        if let_go:
            gone, _ = held.pop(pick % len(held))
            tree.let_go(gone.branch)
        if not held:
            held = [(START, b"")]
        assert all(tree.actions(place) == whole for place, whole in held)
    for place, _ in held:
        tree.let_go(place.branch)
    assert not any(tree.holds) and not any(tree.branches)


def test_what_nobody_holds_makes_room_for_others() -> None:
    tree = Tree()
    for _ in range(100):
        tree.let_go(tree.grow(START, b"abc"))
    assert len(tree.branches) == 1


def grown() -> tuple[Tree, list[Place]]:
    tree = Tree()
    first = tree.grow(START, b"abcd")
    second = tree.grow(Place(first, 2), b"xy")
    tree.let_go(tree.grow(START, b"gone"))
    return tree, [Place(first, 4), Place(second, 1)]


def test_a_kept_tree_is_the_same() -> None:
    tree, places = grown()
    again = Tree.of(tree.state(), places)
    assert [again.actions(place) for place in places] == [b"abcd", b"abx"]
    assert again.holds == tree.holds
    assert again.grow(START, b"new") == 2, "the free number is used again"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda state: state["origins"].__setitem__(1, (7, 0)),  # a branch that there is not
        lambda state: state["origins"].__setitem__(1, (0, 9)),  # past the end of a branch
        lambda state: state["origins"].__setitem__(0, (1, 1)),  # a circle
        lambda state: state["ends"].__setitem__(0, 99),
        lambda state: state["origins"].__setitem__(1, (2, 0)),  # one that is free
    ],
)
def test_a_damaged_tree_is_refused(spoil) -> None:  # type: ignore[no-untyped-def]
    tree, places = grown()
    state = tree.state()
    spoil(state)
    with pytest.raises(ValueError, match=r"branch|end"):
        Tree.of(state, places)


@given(st.lists(st.binary(max_size=5), max_size=20))
def test_packed_strings_are_the_same(texts: list[bytes]) -> None:
    assert unpacked(*packed(texts)) == texts


def test_the_start_has_no_actions() -> None:
    assert Tree().actions(Place(ROOT, 0)) == b""
    assert packed([])[1].dtype == np.int64
