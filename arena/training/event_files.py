"""TensorBoard's event files: a run's metrics as curves, in `tensorboard/` in its folder.

Needs the package tensorboard, which nothing else does. Each session of a run begins a file; one that goes on
from step n says so, and TensorBoard forgets what sessions before it wrote of later steps.
"""

import json
import os
import platform
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from arena.errors import UsageError
from arena.store import home

if TYPE_CHECKING:
    from tensorboard.compat.proto.event_pb2 import Event

FOLDER = "tensorboard"
"""In a run's folder."""

_PREFIX = "events.out.tfevents."


def check(run: Path | None = None) -> None:
    """Raises UsageError where the package is not installed; `run` is one that wrote event files before."""
    if find_spec("tensorboard") is None:
        without = f", or remove {run / FOLDER} to go on without" if run and begun(run) else ""
        raise UsageError(
            "TensorBoard's event files need the package tensorboard, which is not installed: "
            f"pip install tensorboard{without}"
        )


def begun(run: Path) -> bool:
    """Whether an earlier session of the run wrote event files: then it goes on with them."""
    return any((run / FOLDER).glob(f"{_PREFIX}*"))


class EventFile:
    """One session's file."""

    def __init__(self, run: Path, step: int, about: Mapping[str, Any]) -> None:
        """Begin it, where the run is at `step`. `about` is shown as text beside the curves.

        Raises ArenaError where it cannot be written.
        """
        from tensorboard.compat.proto.event_pb2 import SessionLog
        from tensorboard.summary.writer.record_writer import RecordWriter

        folder = home.make_folder(run / FOLDER)
        # Files are read in the order of their names, which begin with the second.
        with home.writing(folder):
            names = [path.name[len(_PREFIX) :][:10] for path in folder.glob(f"{_PREFIX}*")]
            seconds = [int(name) for name in names if name.isdecimal()]
            second = max([int(time.time()), *(earlier + 1 for earlier in seconds)])
            path = folder / f"{_PREFIX}{second:010}.{platform.node()}.{os.getpid()}"
            self._file: IO[bytes] = path.open("xb")
        self._folder = folder
        self._records = RecordWriter(self._file)
        self._write(_event(file_version="brain.Event:2"))
        if seconds:
            started = SessionLog(status=SessionLog.START)
            self._write(_event(step=step + 1, session_log=started))
        else:
            self._write(_event(step=step, summary=_text("run", about)))

    def add(self, step: int, metrics: Mapping[str, float]) -> None:
        """One iteration. Raises ArenaError when the disk is full."""
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [Summary.Value(tag=name, simple_value=value) for name, value in metrics.items()]
        self._write(_event(step=step, summary=Summary(value=values)))

    def _write(self, event: "Event") -> None:
        with home.writing(self._folder):
            self._records.write(event.SerializeToString())
            self._file.flush()

    def close(self) -> None:
        with home.writing(self._folder):
            self._file.close()


def _event(**fields: Any) -> "Event":
    from tensorboard.compat.proto.event_pb2 import Event

    return Event(wall_time=time.time(), **fields)


def _text(tag: str, about: Mapping[str, Any]) -> Any:
    """`about` as a table in Markdown, under TensorBoard's tab of texts."""
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
    from tensorboard.compat.proto.types_pb2 import DT_STRING

    rows = [
        f"|{name}|{value if isinstance(value, str) else json.dumps(value)}|" for name, value in about.items()
    ]
    table = "\n".join(["|setting|value|", "|-|-|", *rows])
    tensor = TensorProto(
        dtype=DT_STRING,
        string_val=[table.encode()],
        tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)]),
    )
    shown_as = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text"))
    return Summary(value=[Summary.Value(tag=f"{tag}/text_summary", metadata=shown_as, tensor=tensor)])
