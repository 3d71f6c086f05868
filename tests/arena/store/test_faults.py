from pathlib import Path

from arena.store import faults


def raised(text: str) -> Exception:
    try:
        raise RuntimeError(text)
    except RuntimeError as error:
        return error


def test_a_bug_is_one_line_and_its_traceback_is_in_the_log(saves: Path) -> None:
    for text in ("first\nof two", "second \ud800"):
        line = faults.in_a_line(raised(text))
        assert "\n" not in line and "RuntimeError" in line and str(saves / faults.LOG) in line
    log = (saves / faults.LOG).read_text(encoding="utf-8")
    assert log.count("Traceback") == 2 and "first\nof two" in log


def test_a_log_that_has_grown_long_starts_anew(saves: Path) -> None:
    saves.mkdir()
    (saves / faults.LOG).write_bytes(b"x" * (faults.LONGEST_LOG + 1))
    faults.write_down(raised("new"))
    assert (saves / faults.LOG).stat().st_size < 10_000


def test_where_nothing_can_be_written_it_says_so(saves: Path) -> None:
    saves.write_bytes(b"")
    assert faults.write_down(raised("a bug")) is None
    assert "could not be written" in faults.in_a_line(raised("a bug"))
