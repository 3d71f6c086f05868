"""The line that rewrites itself."""

import io
import sys

import pytest

from arena.cli.output import StatusLine


def test_a_line_longer_than_the_terminal_is_cut_so_that_it_can_be_written_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys, "stderr", Terminal())
    StatusLine().show("measuring whether " + "a" * 60)
    shown = sys.stderr.getvalue().removeprefix("\r\x1b[2K")  # type: ignore[attr-defined]
    assert len(shown) == 39
    assert shown.endswith("a…")
