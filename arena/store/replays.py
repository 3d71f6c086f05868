"""Replays on disk: `replays/<match id>.replay` in `saves()`.

A file is, in this order (integers little-endian):

    13 bytes   "arena-replay\\n"
    u16        version of the format
    u32, u32   length of the header and of the actions, both as they lie in the file
    header     zlib of JSON: the result, the digests, the forfeits
    actions    zlib of (seats, ticks) uint8: a row a seat, since a player's actions resemble themselves
    16 bytes   blake2b of all that comes before

A file may come from a stranger: nothing in it can run, and nothing in it makes us take more than
`_MOST_BYTES` of memory.
"""

import contextlib
import hashlib
import json
import re
import struct
import zlib
from pathlib import Path
from typing import Any, TypeVar, get_args

import numpy as np

from arena import places
from arena.errors import ArenaError
from arena.store import home
from arena.store.records import LARGEST_SEED, Identity, Kind, MatchResult, Option, Replay, SeatResult

VERSION = 1
_MAGIC = b"arena-replay\n"
_PREFIX = struct.Struct(f"<{len(_MAGIC)}sHII")
_CHECKSUM_BYTES = 16
_MOST_BYTES = 1 << 26
"""Of the header, and of the actions: 77 hours of four players at Atari's 60 ticks a second."""
_MOST_SEATS = 255
_LONGEST_TEXT = 1000

_T = TypeVar("_T")


def folder() -> Path:
    return places.saves() / "replays"


def save(replay: Replay) -> Path:
    """Keep `replay` under its match's id. Raises ArenaError where it cannot be written."""
    path = folder() / f"{replay.result.id}.replay"
    home.write_atomically(path, encode(replay))
    return path


def ids() -> list[str]:
    """The ids of all matches with a replay, newest first."""
    found = []
    for path in folder().glob("*.replay"):
        with contextlib.suppress(OSError):  # removed while we looked
            found.append((path.stat().st_mtime, path.stem))
    return [name for _, name in sorted(found, reverse=True)]


def path_of(match_id: str) -> Path:
    """The file of the one match whose id begins with `match_id`.

    Raises ArenaError when there is none, or more than one.
    """
    if not re.fullmatch(r"[0-9a-f][0-9a-f-]{0,35}", match_id.lower()):
        raise ArenaError(f"{match_id!r} is no match id; `arena replay` lists the matches that have a replay")
    found = sorted(folder().glob(f"{match_id.lower()}*.replay"))
    if not found:
        raise ArenaError(f"no replay of a match {match_id} in {folder()}; `arena replay` lists what there is")
    if len(found) > 1:
        near = ", ".join(path.stem[: len(match_id) + 4] for path in found[:3])
        raise ArenaError(f"{len(found)} replays begin with {match_id} ({near}, ...); give more of the id")
    return found[0]


def load(match_id: str) -> Replay:
    """The replay of the one match whose id begins with `match_id`.

    Raises ArenaError when there is none or more than one, and when the file is damaged.
    """
    return read(path_of(match_id))


def read(path: Path) -> Replay:
    """The replay in the file at `path`. Raises ArenaError where it cannot be read, is damaged, was written
    by a newer arena, or is not the match that its name says."""
    try:
        if path.stat().st_size > 2 * _MOST_BYTES:
            raise ValueError("it is larger than any replay")
        replay = decode(path.read_bytes())
        if path.stem != replay.result.id:
            raise ValueError(f"it holds another match, {replay.result.id}")
    except OSError as error:
        raise ArenaError(f"cannot read the replay {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise ArenaError(f"the replay {path} cannot be used: {error}") from error
    return replay


def encode(replay: Replay) -> bytes:
    """The file's bytes. Raises ValueError for a replay that is none (actions that do not fit its result)."""
    result = replay.result
    rows = np.frombuffer(replay.actions, np.uint8).reshape(result.ticks, len(result.seats))
    header = {
        "game": result.game,
        "options": dict(result.options),
        "seed": result.seed,
        "ticks": result.ticks,
        "digest": result.digest,
        "seats": [
            {
                "id": seat.player.id,
                "name": seat.player.name,
                "kind": seat.player.kind,
                "detail": seat.player.detail,
                "score": seat.score,
                "place": seat.place,
                "forfeit": seat.forfeit,
                "forfeited": replay.forfeits.get(index),
            }
            for index, seat in enumerate(result.seats)
        ],
        "digests": list(replay.digests),
    }
    packed = zlib.compress(json.dumps(header, ensure_ascii=False).encode(), 9)
    actions = zlib.compress(np.ascontiguousarray(rows.T).tobytes(), 9)
    content = _PREFIX.pack(_MAGIC, VERSION, len(packed), len(actions)) + packed + actions
    return content + _checksum(content)


def decode(data: bytes) -> Replay:
    """The replay in a file's bytes. Raises ValueError that says what is wrong with them, and nothing else."""
    if not data.startswith(_MAGIC[: len(data)]) or not data:
        raise ValueError("it is no replay")
    if len(data) < _PREFIX.size + _CHECKSUM_BYTES:
        raise ValueError("it is damaged: its end is missing")
    _, version, header_length, actions_length = _PREFIX.unpack_from(data)
    if version > VERSION:
        raise ValueError(f"it was written by a newer arena (format {version}, this one reads {VERSION})")
    content = data[:-_CHECKSUM_BYTES]
    if _checksum(content) != data[-_CHECKSUM_BYTES:]:
        raise ValueError("it is damaged: its checksum does not fit")
    if version < 1 or _PREFIX.size + header_length + actions_length != len(content):
        raise ValueError("it is damaged: its lengths do not fit")
    packed = content[_PREFIX.size : _PREFIX.size + header_length]
    try:
        header = json.loads(_unpack(packed, _MOST_BYTES).decode())
        return _replay(header, content[_PREFIX.size + header_length :])
    except (zlib.error, KeyError, TypeError, RecursionError, ValueError) as error:
        raise ValueError(f"it is damaged: {error}") from error


def _replay(header: dict[str, Any], packed: bytes) -> Replay:
    seats = [_seat(seat) for seat in _typed(list, header["seats"])]
    ticks = _within(0, _MOST_BYTES // max(1, len(seats)), header["ticks"])
    if not 1 <= len(seats) <= _MOST_SEATS:
        raise ValueError(f"{len(seats)} seats")
    forfeits = {}
    for index, (seat, values) in enumerate(zip(seats, header["seats"], strict=True)):
        if (values["forfeited"] is None) != (seat.forfeit is None):
            raise ValueError(f"seat {index} forfeits and does not")
        if values["forfeited"] is not None:
            forfeits[index] = _within(0, ticks, values["forfeited"])
    result = MatchResult(
        game=_text(header["game"]),
        options={_text(key): _option(value) for key, value in _typed(dict, header["options"]).items()},
        seed=_within(0, LARGEST_SEED, header["seed"]),
        seats=tuple(seats),
        ticks=ticks,
        digest=_digest(header["digest"]),
    )
    columns = _unpack(packed, ticks * len(seats))
    if len(columns) != ticks * len(seats):
        raise ValueError(f"{len(columns)} actions for {ticks} ticks of {len(seats)} seats")
    actions = np.frombuffer(columns, np.uint8).reshape(len(seats), ticks).T.tobytes()
    return Replay(result, actions, tuple(map(_digest, _typed(list, header["digests"]))), forfeits)


def _seat(values: dict[str, Any]) -> SeatResult:
    if values["kind"] not in get_args(Kind):
        raise ValueError(f"a player of the kind {values['kind']!r}")
    score = values["score"]
    return SeatResult(
        player=Identity(_text(values["id"]), _text(values["name"]), values["kind"], _text(values["detail"])),
        score=float(score) if isinstance(score, int) else _typed(float, score),
        place=_within(1, _MOST_SEATS, values["place"]),
        forfeit=None if values["forfeit"] is None else _text(values["forfeit"]),
    )


def _unpack(packed: bytes, most: int) -> bytes:
    """What `packed` holds, which is `most` bytes or fewer."""
    inflater = zlib.decompressobj()
    data = inflater.decompress(packed, most + 1)
    if len(data) > most or not inflater.eof or inflater.unused_data:
        raise ValueError("it does not unpack to the length it should have")
    return data


def _typed(kind: type[_T], value: Any) -> _T:
    if type(value) is not kind:
        raise ValueError(f"{value!r:.60} where {kind.__name__} should be")
    return value


def _within(least: int, most: int, value: Any) -> int:
    if not least <= _typed(int, value) <= most:
        raise ValueError(f"{value} where {least} to {most} should be")
    return int(value)


def _text(value: Any) -> str:
    """A string that can be shown: it may come from a stranger, and goes to a terminal."""
    text = _typed(str, value)
    if not text.isprintable() or len(text) > _LONGEST_TEXT:
        raise ValueError(f"the text {text!r:.60}")
    return text


def _digest(value: Any) -> str:
    if not re.fullmatch(r"[0-9a-f]{16}", _typed(str, value)):
        raise ValueError(f"{value!r:.60} where a digest should be")
    return str(value)


def _option(value: Any) -> Option:
    if type(value) is str:
        return _text(value)
    if type(value) in (int, float, bool):
        option: Option = value
        return option
    raise ValueError(f"the option {value!r:.60}")


def _checksum(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_CHECKSUM_BYTES).digest()
