"""Which Atari ROMs there are, found by reading folders and never by starting an emulator.

ale-py ships the ROMs, and `md5.json` beside them says which files the emulator knows. A user's own
files, in the checkout's `roms/` (or `$ARENA_ROMS`), count when their MD5 is one of those.
"""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from arena import places
from arena.errors import ArenaError, UsageError
from arena.games.catalog import Entry

SUFFIXES = (".bin", ".a26")

LARGEST = 64 * 1024
"""Bytes: no cartridge that the emulator knows is larger."""

MULTIPLAYER_ONLY = frozenset({"combat", "joust", "maze_craze", "warlords"})
"""Shipped, but the emulator has no rules (score, end, actions) for one player there: `loadROM` of its
one-seat interface ends the process (ale-py 0.12.1, `isSupportedROM` is None)."""

UNSOUND = frozenset(
    {
        *("amidar", "koolaid", "trondead", "video_checkers", "yars_revenge"),  # draw a wrong first frame
        *("qbert", "tetris", "tic_tac_toe_3d"),  # go another way
        "miniature_golf",  # pays a wrong first reward
        "pitfall2",  # rounds its sound clock
    }
)
"""Cartridges whose saved state ale-py 0.12.1 does not restore exactly (Arcade-Learning-Environment #732 and
#739), found by playing on, frame by frame, from hundreds of snapshots of each ROM. That of every other is
exact, picture for picture, but for the phase of the sound's waves."""

TITLES = {
    "atlantis2": "Atlantis II",
    "battle_zone": "Battlezone",
    "beam_rider": "Beamrider",
    "darkchambers": "Dark Chambers",
    "earthworld": "SwordQuest: EarthWorld",
    "et": "E.T. the Extra-Terrestrial",
    "hero": "H.E.R.O.",
    "jamesbond": "James Bond 007",
    "kaboom": "Kaboom!",
    "koolaid": "Kool-Aid Man",
    "kung_fu_master": "Kung-Fu Master",
    "mario_bros": "Mario Bros.",
    "montezuma_revenge": "Montezuma's Revenge",
    "mr_do": "Mr. Do!",
    "ms_pacman": "Ms. Pac-Man",
    "pacman": "Pac-Man",
    "pitfall": "Pitfall!",
    "pitfall2": "Pitfall II",
    "qbert": "Q*bert",
    "riverraid": "River Raid",
    "robotank": "Robot Tank",
    "tic_tac_toe_3d": "3-D Tic-Tac-Toe",
    "trondead": "Tron: Deadly Discs",
    "up_n_down": "Up 'n Down",
    "wizard_of_wor": "Wizard of Wor",
    "yars_revenge": "Yars' Revenge",
}
"""Where capitals and spaces alone do not make the title."""

SUMMARIES = {
    "adventure": "Bring the chalice home; a dragon and a bat object.",
    "alien": "Crush the eggs in the corridors before the aliens catch you.",
    "amidar": "Paint the edges of every box, and keep away from the warriors.",
    "assault": "Shoot the ships that the mother ship drops, and do not overheat.",
    "asterix": "Gather cauldrons and helmets; lyres cost a life.",
    "asteroids": "Shoot the rocks to pieces before they hit you.",
    "atlantis": "Three guns defend a city under the sea.",
    "bank_heist": "Rob the banks of the town before the police or the petrol gauge stop you.",
    "battle_zone": "Hunt tanks in a landscape seen from your own.",
    "beam_rider": "Ride five beams and shoot the saucers between them.",
    "berzerk": "Rooms full of robots, walls that kill, and Evil Otto.",
    "bowling": "Ten frames; curve the ball to make the strike.",
    "boxing": "Two minutes in the ring: a point for a hit, two for a close one.",
    "breakout": "Knock down the wall with a ball and a paddle.",
    "centipede": "Shoot the centipede in the mushroom field before it reaches you.",
    "chopper_command": "Guard the trucks in the desert from enemy jets.",
    "crazy_climber": "Climb a skyscraper while people drop things on you.",
    "defender": "Protect the people below from being carried off.",
    "demon_attack": "Waves of demons over the ice; each shot down splits or dives.",
    "donkey_kong": "Climb past the barrels to the top of the building.",
    "double_dunk": "Two against two on half a court.",
    "enduro": "Overtake enough cars each day, through snow, fog and night.",
    "fishing_derby": "Pull out more fish than the other angler before the shark does.",
    "freeway": "Bring the chicken across ten lanes as often as two minutes allow.",
    "frogger": "Cross the road and the river; every home needs a frog.",
    "frostbite": "Hop on ice floes to build an igloo before you freeze.",
    "galaxian": "Shoot the aliens in formation and in their dives.",
    "gopher": "Save the carrots from the gopher's tunnels.",
    "gravitar": "Fly against gravity and shoot the bunkers of every planet.",
    "hero": "Fly down the mine, blast the walls and rescue the miner.",
    "ice_hockey": "Two against two on the ice, three minutes.",
    "jamesbond": "Drive, dive and shoot through the missions of 007.",
    "kaboom": "Catch the bombs of the mad bomber in your buckets.",
    "kangaroo": "Climb to the joey and punch the monkeys that throw apples.",
    "krull": "Win back the princess through the scenes of the film.",
    "kung_fu_master": "Five floors of fighters, kicks and punches.",
    "montezuma_revenge": "Keys, ropes, skulls and ladders; the first reward is far away.",
    "ms_pacman": "Clear the maze of dots, and eat ghosts after a power pill.",
    "name_this_game": "Hold off the octopus and the shark, and mind your air.",
    "pacman": "Clear the maze of wafers, and eat ghosts after a power pill.",
    "phoenix": "Waves of birds, and a mother ship at the end.",
    "pitfall": "Twenty minutes of jungle: treasures, vines, pits and crocodiles.",
    "pong": "Table tennis against the console: first to 21.",
    "private_eye": "Find the clues and the stolen goods, and bring them where they belong.",
    "qbert": "Hop on every cube of the pyramid to change its colour.",
    "riverraid": "Fly up the river, shoot, and refuel in time.",
    "road_runner": "Eat the seed and stay ahead of the coyote.",
    "robotank": "Hunt enemy tanks by radar, in rain and at night.",
    "seaquest": "Rescue divers, shoot sharks and submarines, and come up for air.",
    "skiing": "Down the slalom as fast as you can; missed gates cost five seconds each.",
    "solaris": "Search the galaxy for the planet Solaris.",
    "space_invaders": "Shoot the invaders before they land.",
    "star_gunner": "Shoot everything that flies over the city.",
    "surround": "Draw a wall behind you and do not run into one.",
    "tennis": "A set of tennis against the console.",
    "tetris": "Fill rows with falling pieces.",
    "time_pilot": "Dogfights from 1910 to the future.",
    "tutankham": "Plunder the tomb, room by room.",
    "up_n_down": "Collect flags on hilly roads, and jump on the other cars.",
    "venture": "Sneak into rooms, take the treasure, get out.",
    "video_chess": "Chess against the console; it thinks long.",
    "video_pinball": "A pinball table: bumpers, spinners, rollovers.",
    "wizard_of_wor": "Shoot the monsters of the dungeon.",
    "yars_revenge": "Eat through the shield, then fire the cannon.",
    "zaxxon": "Fly through fortresses seen from a slant.",
}


@dataclass(frozen=True, slots=True)
class _Known:
    """What ale-py's folder says."""

    folder: Path
    names: dict[str, str]
    """MD5 -> ROM name."""


@cache
def _known() -> _Known:
    spec = find_spec("ale_py")
    if spec is None or spec.origin is None:
        return _Known(Path(), {})
    folder = Path(spec.origin).parent / "roms"
    listed: dict[str, str] = json.loads((folder / "md5.json").read_text(encoding="utf-8"))
    return _Known(folder, {md5: Path(file).stem for file, md5 in listed.items()})


def _user_files() -> list[Path]:
    try:
        files = sorted(places.roms().iterdir())
    except OSError:  # there need not be such a folder
        return []
    return [file for file in files if file.suffix.lower() in SUFFIXES]


def identify(file: Path) -> str:
    """The name of the one-player ROM that `file` holds. Raises ArenaError, saying what is wrong with it."""
    name = _identify(file)
    if name in MULTIPLAYER_ONLY:
        raise ArenaError(f"it is '{name}', which the emulator cannot play with one player")
    return name


def _identify(file: Path) -> str:
    try:
        size = file.stat().st_size
        if not 0 < size <= LARGEST:
            raise ArenaError(f"it is {size:,} bytes long, and a cartridge has 1 to {LARGEST:,}")
        content = file.read_bytes()
    except OSError as error:
        raise ArenaError(f"it cannot be read ({error.strerror})") from None
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    name = _known().names.get(md5)
    if name is None:
        raise ArenaError(f"its MD5 {md5} is none that the emulator knows; another dump of the game may be")
    return name


@cache
def _verdict(file: Path, size: int, changed: int) -> tuple[str, str]:
    """(name, "") or ("", what is wrong), remembered for as long as the file stays as it is."""
    try:
        return identify(file), ""
    except ArenaError as error:
        return "", str(error)


def _user_verdicts() -> list[tuple[Path, str, str]]:
    verdicts = []
    for file in _user_files():
        try:
            stat = file.stat()
        except OSError as error:
            verdicts.append((file, "", f"it cannot be read ({error.strerror})"))
        else:
            verdicts.append((file, *_verdict(file, stat.st_size, stat.st_mtime_ns)))
    return verdicts


def rom_problems() -> list[tuple[Path, str]]:
    """The files in the user's folder that cannot be played, each with what is wrong with it."""
    return [(file, problem) for file, _, problem in _user_verdicts() if problem]


def rom_paths() -> dict[str, Path]:
    """Every playable ROM by name: those that ale-py ships, then the user's own, in order of name."""
    known = _known()
    try:
        shipped = {entry.name for entry in os.scandir(known.folder)} if known.names else set()
    except OSError:
        shipped = set()
    paths = {name: path for path, name, problem in _user_verdicts() if not problem}
    for name in known.names.values():
        if f"{name}.bin" in shipped and name not in MULTIPLAYER_ONLY:
            paths[name] = known.folder / f"{name}.bin"
    return dict(sorted(paths.items()))


def rom_path(name: str) -> Path:
    """The file of the ROM called `name`, checked byte for byte: the emulator would end the process over a
    file that it does not know. Raises ArenaError where there is none, or not the right one."""
    if name in MULTIPLAYER_ONLY:
        raise UsageError(f"atari/{name}: this cartridge has no game for one player that the emulator knows")
    path = rom_paths().get(name)
    if path is None:
        raise UsageError(
            f"there is no ROM called '{name}'; `arena games` lists them, roms/README.md says more"
        )
    return _checked(path, name, identify)


def _checked(path: Path, name: str, identify: Callable[[Path], str]) -> Path:
    try:
        found = identify(path)
    except ArenaError as error:
        raise ArenaError(f"the ROM {path} cannot be played: {error}") from None
    if found != name:
        raise ArenaError(f"the ROM {path} is '{found}', not '{name}'; install ale-py again")
    return path


def shared_rom_path(name: str) -> Path:
    """The file of a ROM for several players, as `rom_path`. It is the one that ale-py ships: their emulator
    goes by a file's name. Raises ArenaError where it is not there, or not the right one."""
    path = _known().folder / f"{name}.bin"
    if not path.exists():
        raise ArenaError(f"the ROM {path} is not there; install ale-py again")
    return _checked(path, name, _identify)


def title(name: str) -> str:
    """ "space_invaders" -> "Space Invaders", and the exceptions."""
    return TITLES.get(name, name.replace("_", " ").title())


def atari_entries() -> tuple[Entry, ...]:
    """The catalog's lines for Atari with one seat."""
    return tuple(
        Entry(
            id=f"atari/{name}",
            title=title(name),
            summary=SUMMARIES.get(name, "An Atari 2600 cartridge; the console's own score counts."),
            seats=(1,),
            module="arena.games.atari",
            rules="arena.games.atari",
            restorable=name not in UNSOUND,
        )
        for name in rom_paths()
    )
