"""Files are written and read in little memory, and are what was written or are refused."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from arena.errors import ArenaError
from arena.store import checkpoint_files

MEBIBYTE = 1 << 20


def write(folder: Path, **files: Any) -> dict[str, str]:
    """Returns the digest of each file."""
    named = {f"state/{name}.npy": content for name, content in files.items()}
    checkpoint_files.write(folder, named, lambda digests: {"files": dict(digests)})
    digests: dict[str, str] = json.loads((folder / "meta.json").read_text())["files"]
    return digests


def back(folder: Path, digests: dict[str, str], name: str) -> Any:
    return checkpoint_files.read_array(folder, f"state/{name}.npy", digests[f"state/{name}.npy"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    array=arrays.arrays(
        dtype=arrays.integer_dtypes() | arrays.floating_dtypes() | arrays.boolean_dtypes(),
        shape=arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    ),
    part=st.sampled_from([slice(None), slice(None, None, 2), slice(1, None), slice(0, 0)]),
    transposed=st.booleans(),
)
def test_any_array_comes_back_as_numpy_itself_would_have_kept_it(
    tmp_path: Path, array: Any, part: slice, transposed: bool
) -> None:
    if array.ndim:
        array = array[part]
    array = array.T if transposed else array
    digests = write(tmp_path / "a", x=array)
    found = back(tmp_path / "a", digests, "x")
    expected = io.BytesIO()
    np.save(expected, array)
    assert (tmp_path / "a/state/x.npy").read_bytes() == expected.getvalue()
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(found, array)


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def test_a_large_array_is_written_and_read_in_little_memory(tmp_path: Path, traced: None) -> None:
    whole = np.arange(40 * MEBIBYTE, dtype=np.int32).reshape(4, -1)
    part = whole[:, : 9 * MEBIBYTE]  # as the rings of a buffer that is not yet full: not in one piece
    for name, array in (("whole", whole), ("part", part)):
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        digests = write(tmp_path / name, x=array)
        found = back(tmp_path / name, digests, "x")
        _, peak = tracemalloc.get_traced_memory()
        assert array.nbytes > 140 * MEBIBYTE
        assert peak - before < 50 * MEBIBYTE
        assert np.array_equal(found[:, ::1000], array[:, ::1000])


def test_a_large_array_with_one_bit_changed_is_refused(tmp_path: Path) -> None:
    digests = write(tmp_path / "a", x=np.zeros(checkpoint_files.IN_MEMORY + 1, np.uint8))
    with (tmp_path / "a/state/x.npy").open("r+b") as file:
        file.seek(checkpoint_files.IN_MEMORY // 2)
        file.write(b"\x01")
    with pytest.raises(ArenaError, match="is not the file that was saved"):
        back(tmp_path / "a", digests, "x")
    (tmp_path / "a/state/x.npy").unlink()
    with pytest.raises(ArenaError, match="is missing"):
        back(tmp_path / "a", digests, "x")


def test_a_large_pickle_is_not_opened(tmp_path: Path) -> None:
    import hashlib

    path = tmp_path / "state" / "x.npy"
    path.parent.mkdir()
    np.save(path, np.array([b"x" * (checkpoint_files.IN_MEMORY + 1)], dtype=object), allow_pickle=True)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(ValueError, match=r"[Oo]bject"):
        checkpoint_files.read_array(tmp_path, "state/x.npy", digest)


def test_what_python_objects_hold_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write(tmp_path / "a", x=np.array([object()]))
    assert list(tmp_path.iterdir()) == []
