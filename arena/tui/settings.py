"""The little that the launcher remembers: who you are, and what you played last."""

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from arena import places
from arena.store import home, names

FILE = "launcher.json"


@dataclass(frozen=True, slots=True)
class Settings:
    name: str = ""
    """The name on the leaderboard; empty until somebody types one: then the login name is used."""
    game: str = "maze/run"
    """The game that was chosen last."""

    @property
    def me(self) -> str:
        return self.name or names.login()


def load() -> Settings:
    """What was remembered. A file that is missing or damaged is no reason to stop: the defaults, then."""
    try:
        content = json.loads((places.saves() / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    if not isinstance(content, dict):
        return Settings()
    known = {f.name: content[f.name] for f in fields(Settings) if isinstance(content.get(f.name), str)}
    return Settings(**known | {"name": names.clean(known.get("name", ""))})


def remember(settings: Settings, **changes: Any) -> Settings:
    """`settings` with `changes`, kept. Raises ArenaError where `saves/` cannot be written."""
    changed = replace(settings, **changes)
    content = json.dumps(asdict(changed), indent=2, ensure_ascii=False) + "\n"
    home.write_atomically(places.saves() / FILE, content.encode())
    return changed
