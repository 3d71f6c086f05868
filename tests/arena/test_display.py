"""What the environment tells of a display."""

import sys

import pytest

from arena import display


@pytest.mark.parametrize(
    ("platform", "told", "why"),
    [
        ("linux", {}, "no display: neither DISPLAY nor WAYLAND_DISPLAY is set"),
        ("linux", {"DISPLAY": ""}, "no display: neither DISPLAY nor WAYLAND_DISPLAY is set"),
        ("linux", {"DISPLAY": ":0"}, ""),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0", "SSH_CONNECTION": "1"}, ""),
        ("linux", {"SDL_VIDEODRIVER": "dummy"}, ""),
        ("darwin", {}, ""),
        (
            "darwin",
            {"SSH_CONNECTION": "1"},
            "no display: over SSH a window would open on the other machine's",
        ),
        ("win32", {"SSH_CONNECTION": "1", "SDL_VIDEODRIVER": "dummy"}, ""),
    ],
)
def test_a_display_may_be_there_or_the_reason_is_told(
    monkeypatch: pytest.MonkeyPatch, platform: str, told: dict[str, str], why: str
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert display.why_none() == why
