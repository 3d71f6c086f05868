"""The archive of Go-Explore: every cell that has been reached, how well, and by which actions."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.exploring import END, Exploration, Find, Known, Spot
from agents.trajectories import Place, Tree, packed, unpacked


class Archive:
    """Cells by number, in the order in which they were found."""

    def __init__(self) -> None:
        self.names: list[bytes] = []
        self.numbers: dict[bytes, int] = {}
        self.scores = Column(np.float64)
        """The score at the end of each cell's trajectory."""
        self.lengths = Column(np.int32)
        """The trajectory's actions."""
        self.seen = Column(np.int64)
        """Explorations that came through a cell since its trajectory was last bettered."""
        self.chosen = Column(np.int64)
        """Explorations that set out from it, ever."""
        self.born = Column(np.int64)
        """Actions of all exploring when it was first found."""
        self.rooms, self.xs, self.ys = Column(np.int32), Column(np.int16), Column(np.int16)
        """Where it is to be seen: its `Spot`."""
        self.places: list[Place] = []
        self.snapshots: list[bytes | None] = []
        """The simulator's state; None where it has to be played for again."""
        self.pictures: list[bytes | None] = []
        """What was to be seen, where cells may have to be told apart anew."""
        self.tree = Tree()

    def __len__(self) -> int:
        return len(self.names)

    def put(self, find: Find, place: Place, step: int = 0) -> None:
        """Give a cell, new or not, the trajectory to `place`; a new one is found at `step`."""
        name, score, length = find.known
        self.tree.hold(place.branch)
        number = self.numbers.get(name)
        if number is None:
            number = self.numbers[name] = len(self.names)
            self.names.append(name)
            self.places.append(place)
            self.snapshots.append(find.snapshot)
            self.pictures.append(find.picture)
            for column in self._columns().values():
                column.append(0)
            self.born[number] = step
        else:
            self.tree.let_go(self.places[number].branch)
            self.places[number] = place
            self.snapshots[number], self.pictures[number] = find.snapshot, find.picture
        self.scores[number], self.lengths[number], self.seen[number] = score, length, 0
        self.rooms[number], self.xs[number], self.ys[number] = find.spot

    def select(self, count: int, rng: np.random.Generator) -> list[int]:
        """Cells to explore from, each drawn with weight 1 / sqrt(seen + 1) (paper, Methods, "Selecting
        cells")."""
        weights = 1 / np.sqrt(self.seen.array + 1.0)
        end = self.numbers.get(END)
        if end is not None:
            weights[end] = 0.0
        drawn: list[int] = rng.choice(len(weights), size=count, p=weights / weights.sum()).tolist()
        return drawn

    def set_out(self, number: int) -> Place:
        """Where the cell's trajectory ends now: that stays a place of the tree until `merge`."""
        self.chosen[number] += 1
        place = self.places[number]
        self.tree.hold(place.branch)
        return place

    def merge(self, origin: Place, exploration: Exploration, step: int = 0) -> list[Known]:
        """Take over what an exploration that `set_out` from `origin` found: new cells, and cells with a
        higher score, or as high a one by fewer actions (paper, Methods, "Updating the archive"). `step` is
        what all exploring has taken before it. Returns them as they are now."""
        for name in exploration.visits:
            number = self.numbers.get(name)
            if number is not None:
                self.seen[number] += 1
        accepted = [find for find in exploration.finds if self.is_better(find.known)]
        if accepted:
            branch = self.tree.grow(origin, exploration.actions[: accepted[-1].actions])
            for find in accepted:
                self.put(find, Place(branch, find.actions), step + find.actions)
            self.tree.let_go(branch)  # the cells hold it now
        self.tree.let_go(origin.branch)
        return [find.known for find in accepted]

    def is_better(self, known: Known) -> bool:
        number = self.numbers.get(known.cell)
        if number is None:
            return True
        score, length = self.scores[number], self.lengths[number]
        return known.score > score or (known.score == score and known.length < length)

    def known(self) -> list[Known]:
        """Every cell, for those who explore."""
        rows = zip(self.names, self.scores.array.tolist(), self.lengths.array.tolist(), strict=True)
        return [Known(*row) for row in rows]

    def best(self) -> int:
        """The cell of the highest score, reached by the fewest actions."""
        return int(np.lexsort((self.lengths.array, -self.scores.array))[0])

    def spot(self, number: int) -> Spot:
        """Where a cell is to be seen."""
        return Spot(int(self.rooms[number]), int(self.xs[number]), int(self.ys[number]))

    def rooms_found(self) -> list[int]:
        """A cell of every room that is known, that with the shortest trajectory, by the room's number."""
        order = np.argsort(self.lengths.array, kind="stable")
        rooms, firsts = np.unique(self.rooms.array[order], return_index=True)
        found: list[int] = order[firsts[rooms >= 0]].tolist()
        return found

    def scores_found(self) -> list[int]:
        """A cell of every score above 0, that with the shortest trajectory, by the score."""
        order = np.argsort(self.lengths.array, kind="stable")
        scores, firsts = np.unique(self.scores.array[order], return_index=True)
        found: list[int] = order[firsts[scores > 0]].tolist()
        return found

    def _columns(self) -> "dict[str, Column]":
        return {
            "scores": self.scores,
            "lengths": self.lengths,
            "seen": self.seen,
            "chosen": self.chosen,
            "born": self.born,
            "rooms": self.rooms,
            "xs": self.xs,
            "ys": self.ys,
        }

    def actions(self, number: int) -> bytes:
        """The whole trajectory of a cell, from the start."""
        return self.tree.actions(self.places[number])

    def way(self, number: int) -> tuple[bytes | None, bytes]:
        """(a snapshot, actions): the cell is where playing them from there leads; None is the start."""
        if (snapshot := self.snapshots[number]) is not None:
            return snapshot, b""
        return None, self.actions(number)

    def renamed(self, names: Sequence[bytes]) -> "Archive":
        """The archive with other cells: of those that are now one, the best remains, seen as often as it was.
        The tree goes over to it."""
        renamed = Archive()
        renamed.tree = self.tree
        for number, name in enumerate(names):
            known = Known(name, self.scores[number], int(self.lengths[number]))
            place, spot = self.places[number], self.spot(number)
            if renamed.is_better(known):
                snapshot, picture = self.snapshots[number], self.pictures[number]
                born = int(self.born[number])
                renamed.put(Find(known, place.actions, snapshot, spot, picture), place, born)
                at = renamed.numbers[name]
                renamed.seen[at], renamed.chosen[at] = self.seen[number], self.chosen[number]
            self.tree.let_go(place.branch)
        return renamed

    # Keeping

    def state(self) -> dict[str, NDArray[Any]]:
        """All but the snapshots: what is in a file may be anybody's, and an emulator believes anything."""
        names, name_ends = packed(self.names)
        pictures, picture_ends = packed([picture or b"" for picture in self.pictures])
        return {
            "pictures": pictures,
            "picture_ends": picture_ends,
            "names": names,
            "name_ends": name_ends,
            **{name: column.array.copy() for name, column in self._columns().items()},
            "places": np.array(self.places, np.int64).reshape(-1, 2),
            **{f"tree/{name}": array for name, array in self.tree.state().items()},
        }

    @staticmethod
    def of(state: Mapping[str, NDArray[Any]]) -> "Archive":
        """What `state` gave. Raises ValueError or KeyError where it is not an archive's."""
        archive = Archive()
        archive.names = unpacked(state["names"], state["name_ends"])
        archive.numbers = {name: number for number, name in enumerate(archive.names)}
        count = len(archive.names)
        state = {"born": np.zeros(count, np.int64), **state}  # which archives of an earlier arena do not tell
        for name, column in archive._columns().items():
            if state[name].shape != (count,):
                raise ValueError(f"an archive of {count} cells has {name} of shape {state[name].shape}")
            column.fill(state[name])
        archive.places = [Place(*row) for row in state["places"].tolist()]
        if len(archive.places) != count or len(archive.numbers) != count:
            raise ValueError(f"an archive of {count} cells has {len(archive.places)} places")
        archive.snapshots = [None] * count
        archive.pictures = [picture or None for picture in unpacked(state["pictures"], state["picture_ends"])]
        tree = {
            name.removeprefix("tree/"): array for name, array in state.items() if name.startswith("tree/")
        }
        archive.tree = Tree.of(tree, archive.places)
        return archive


class Column:
    """A growing array of numbers, one a cell."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._room = np.zeros(64, dtype)
        self._count = 0

    @property
    def array(self) -> NDArray[Any]:
        return self._room[: self._count]

    def append(self, value: float) -> None:
        if self._count == len(self._room):
            self._room = np.concatenate([self._room, np.zeros(max(self._count, 64), self._room.dtype)])
        self._room[self._count] = value
        self._count += 1

    def fill(self, values: NDArray[Any]) -> None:
        self._room, self._count = np.array(values, self._room.dtype), len(values)

    def __getitem__(self, number: int) -> float:
        value: float = self._room[number].item()
        return value

    def __setitem__(self, number: int, value: float) -> None:
        self._room[number] = value
