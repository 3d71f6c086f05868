"""Where things are on this machine."""

import os
import sys
from pathlib import Path


def saves() -> Path:
    """The folder of all that a user makes: `$ARENA_SAVES`, else `saves/` of the checkout that runs,
    else `arena/` in the platform's folder for a user's data. It may not exist yet."""
    chosen = os.environ.get("ARENA_SAVES")
    if chosen:
        return Path(chosen).expanduser().absolute()
    checkout = _checkout()
    return checkout / "saves" if checkout else _user_data() / "arena"


def champions() -> tuple[Path, ...]:
    """The champions' folders: a user's own, in `saves()`, then those that came with the checkout.

    `<game id>/<agent>/` in one holds a champion; where both have one, the user's own is meant.
    """
    own, checkout = saves() / "champions", _checkout()
    bundled = checkout / "saves" / "champions" if checkout else own
    return (own,) if bundled == own else (own, bundled)


def roms() -> Path:
    """The folder of a user's own ROMs: `$ARENA_ROMS`, else `roms/` of the checkout, else of `saves()`."""
    chosen = os.environ.get("ARENA_ROMS")
    if chosen:
        return Path(chosen).expanduser().absolute()
    checkout = _checkout()
    return checkout / "roms" if checkout else saves() / "roms"


def _checkout() -> Path | None:
    """The source tree that is running, None for an installed copy."""
    root = Path(__file__).resolve().parents[1]
    return root if (root / "pyproject.toml").is_file() else None


def _user_data() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
