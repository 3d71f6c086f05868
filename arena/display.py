"""Whether there may be a display: what is known before anybody tries to open a window."""

import os
import sys


def why_none() -> str:
    """Why there can be no window here, as the environment tells it; empty where one may be tried."""
    if os.environ.get("SDL_VIDEODRIVER"):  # whoever asks for it gets it
        return ""
    if sys.platform in ("win32", "darwin"):
        over_ssh = "SSH_CONNECTION" in os.environ
        return "no display: over SSH a window would open on the other machine's" if over_ssh else ""
    if any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        return ""
    return "no display: neither DISPLAY nor WAYLAND_DISPLAY is set"
