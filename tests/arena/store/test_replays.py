import hashlib
import itertools
import json
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import ArenaError
from arena.store import replays
from arena.store.records import Identity, MatchResult, Replay, SeatResult
from tests.arena.store import random_matches


def a_replay(actions: "np.ndarray[Any, Any] | None" = None, digest: str = "0" * 16) -> Replay:
    rows = np.zeros((240, 2), np.uint8) if actions is None else actions
    players = [Identity("human:Ann", "Ann", "human"), Identity("builtin:random", "random", "builtin")]
    seats = [
        SeatResult(player, 1.5, 1) for player in itertools.islice(itertools.cycle(players), rows.shape[1])
    ]
    result = MatchResult("maze/run", {"sticky": 0.25}, 7, tuple(seats), len(rows), digest)
    digests = (*(f"{tick:016x}" for tick in range(len(rows) // 120)), digest)
    return Replay(result, rows.tobytes(), digests, {})


@given(random_matches.replays())
def test_what_is_encoded_is_decoded_again(replay: Replay) -> None:
    again = replays.decode(replays.encode(replay))
    assert again == replay
    assert again.result.id == replay.result.id


def test_what_is_saved_is_loaded_again(saves: Path) -> None:
    replay = a_replay()
    path = replays.save(replay)
    assert path == saves / "replays" / f"{replay.result.id}.replay"
    for name in (replay.result.id, replay.result.id[:8], replay.result.id[:8].upper()):
        assert replays.load(name) == replay


def test_ids_are_listed_newest_first() -> None:
    assert replays.ids() == []
    kept = [a_replay(digest=f"{number:016x}") for number in range(3)]
    for age, replay in enumerate(kept):
        os.utime(replays.save(replay), (1e9 - age, 1e9 - age))
    (replays.folder() / "gone.replay").symlink_to("nowhere")
    assert replays.ids() == [replay.result.id for replay in kept]


def test_a_prefix_of_several_matches_is_refused() -> None:
    path = replays.save(a_replay())
    path.with_name(path.name[:8] + "-other.replay").write_bytes(b"")
    with pytest.raises(ArenaError, match="give more of the id"):
        replays.load(path.stem[:8])


@pytest.mark.parametrize("name", ["", "0123", "../arena", "*", "zz", "0" * 40, "[a]", "a/b", "\0"])
def test_a_match_that_is_not_there_is_a_clear_error(name: str) -> None:
    replays.folder().mkdir(parents=True)
    with pytest.raises(ArenaError, match="arena replay"):
        replays.load(name)


@pytest.mark.parametrize("seats", [2, 4])
@pytest.mark.parametrize("held", [1, 4])
def test_a_minute_of_random_atari_is_under_20_kb(seats: int, held: int) -> None:
    decisions = np.random.default_rng(0).integers(18, size=(3600 // held, seats), dtype=np.uint8)
    assert len(replays.encode(a_replay(decisions.repeat(held, axis=0)))) < 20_000


def test_a_minute_of_two_agents_at_atari_is_under_3_kb() -> None:
    decisions = np.random.default_rng(0).integers(18, size=(900, 2), dtype=np.uint8)
    assert len(replays.encode(a_replay(decisions.repeat(4, axis=0)))) < 3_000


@given(random_matches.replays(), st.data())
def test_any_changed_byte_is_noticed(replay: Replay, data: st.DataObject) -> None:
    content = bytearray(replays.encode(replay))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match=r"damaged|no replay|newer"):
        replays.decode(bytes(content))


@given(random_matches.replays(), st.data())
def test_any_missing_end_is_noticed(replay: Replay, data: st.DataObject) -> None:
    content = replays.encode(replay)
    with pytest.raises(ValueError, match=r"damaged|no replay"):
        replays.decode(content[: data.draw(st.integers(0, len(content) - 1))])


@given(st.binary())
def test_any_bytes_are_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"damaged|no replay|newer"):
        replays.decode(data)


def sealed(header: Any, actions: bytes, version: int = 1) -> bytes:
    """A file whose lengths and checksum are right, whatever is in it: what an enemy would send."""
    packed = zlib.compress(header if isinstance(header, bytes) else json.dumps(header).encode())
    content = replays._PREFIX.pack(replays._MAGIC, version, len(packed), len(actions)) + packed + actions
    return content + hashlib.blake2b(content, digest_size=16).digest()


def a_header() -> dict[str, Any]:
    content = replays.encode(a_replay())
    length = replays._PREFIX.unpack_from(content)[2]
    header: dict[str, Any] = json.loads(zlib.decompress(content[replays._PREFIX.size :][:length]))
    return header


ACTIONS = zlib.compress(bytes(480))


def test_a_sealed_header_is_accepted_when_it_is_right() -> None:
    assert replays.decode(sealed(a_header(), ACTIONS)) == a_replay()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(places(a_header())), json_values)
def test_a_hostile_header_is_refused_or_harmless(place: tuple[Any, ...], value: Any) -> None:
    header: Any = {"": a_header()}
    at = header
    for key in ("", *place)[:-1]:
        at = at[key]
    at[("", *place)[-1]] = value
    try:
        replay = replays.decode(sealed(header[""], ACTIONS))
    except ValueError:
        return
    assert replays.decode(replays.encode(replay)) == replay


@pytest.mark.parametrize("ticks", [-1, 2**62, 10**30, 10**8, 239, 241])
def test_claimed_sizes_are_not_believed(ticks: int) -> None:
    with pytest.raises(ValueError, match="damaged"):
        replays.decode(sealed(a_header() | {"ticks": ticks}, ACTIONS))


def test_a_decompression_bomb_is_stopped_early() -> None:
    bomb = zlib.compress(bytes(1 << 28), 1)
    for content in (sealed(a_header(), bomb), sealed(b" " * (1 << 27), ACTIONS)):
        with pytest.raises(ValueError, match="unpack"):
            replays.decode(content)


@pytest.mark.parametrize(
    "header", [b"[" * 100_000, b"\xff", b"{", b"[]", b"1" * 5000, b"{}"], ids=lambda header: header[:4]
)
def test_a_header_that_is_no_header_is_refused(header: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        replays.decode(sealed(header, ACTIONS))


def test_text_that_would_steer_a_terminal_is_refused() -> None:
    header = a_header()
    header["seats"][0]["name"] = "\x1b[2J"
    with pytest.raises(ValueError, match="damaged"):
        replays.decode(sealed(header, ACTIONS))


def test_a_newer_format_is_named() -> None:
    with pytest.raises(ValueError, match="newer arena"):
        replays.decode(sealed(a_header(), ACTIONS, version=2))


@pytest.mark.parametrize("content", [b"", b"not a replay", b"arena-replay\n"])
def test_a_damaged_file_is_an_error_that_names_it(content: bytes) -> None:
    path = replays.save(a_replay())
    path.write_bytes(content)
    with pytest.raises(ArenaError, match="cannot be used") as caught:
        replays.load(path.stem)
    assert str(path) in str(caught.value)


def test_a_replay_under_another_matchs_name_is_refused() -> None:
    path = replays.save(a_replay())
    other = path.with_name(f"{a_replay(digest='1' * 16).result.id}.replay")
    path.rename(other)
    with pytest.raises(ArenaError, match="another match"):
        replays.load(other.stem)
