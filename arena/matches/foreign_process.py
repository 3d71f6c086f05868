"""The other side of `arena.matches.foreign`: the process in which somebody else's code plays.

Started as `python -m arena.matches.foreign_process`. Requests come in on what was stdin and answers go out on
what was stdout, one for one; both are frames (`frame`). What the player prints goes to stderr, and there is
nothing for it to read.

    {"load": {kind, ...}, "patience": seconds}   -> {"ready": true}
    {"begin": {game, actions, observation_shape, observation_dtype, seed}}   -> {"ready": true}
    {"observation": {dtype, shape}} and its bytes   -> {"action": 3}, or {"nonsense": "'left'"}

What the player raises is the last answer, {"error": "ZeroDivisionError: division by zero"}: then the process
ends. So it does when stdin ends, since nobody is left to play for.
"""

import contextlib
import faulthandler
import importlib
import io
import json
import operator
import os
import queue
import random
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
from numpy.typing import NDArray

_SIZES = struct.Struct("<II")
_LONGEST = 200

Factory = Callable[..., Any]
Request = tuple[dict[str, Any], bytes]


def frame(message: Mapping[str, Any], body: bytes = b"") -> bytes:
    """The lengths (four bytes each, little end first) of what follows: the message as JSON, and its bytes."""
    head = json.dumps(message).encode()
    return _SIZES.pack(len(head), len(body)) + head + body


def read_frame(file: BinaryIO, most: int) -> Request | None:
    """The next frame; None at the end. Raises ValueError for what is none, or has more than `most` bytes."""
    sizes = file.read(_SIZES.size)
    if len(sizes) < _SIZES.size:
        return None
    head, body = _SIZES.unpack(sizes)
    if head + body > most:
        raise ValueError(f"a message of {head + body:,} bytes")
    content = file.read(head + body)
    if len(content) < head + body:
        return None
    message = json.loads(content[:head])
    if not isinstance(message, dict):
        raise ValueError("a message that is no object")
    return message, content[head:]


class Talk:
    """With the arena, by pipes that nobody else in this process knows of."""

    def __init__(self) -> None:
        self._in, self._out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        self._requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with contextlib.suppress(Exception):
            while (request := read_frame(self._in, 1 << 31)) is not None:
                self._requests.put(request)
        os._exit(0)  # also in the middle of a decision

    def request(self) -> Request:
        return self._requests.get()

    def answer(self, message: Mapping[str, Any]) -> None:
        try:
            self._out.write(frame(message))
            self._out.flush()
        except OSError:
            os._exit(0)

    def fail(self, error: BaseException) -> NoReturn:
        """Tell what the player raised, and end at once, whatever threads it has left."""
        with contextlib.suppress(Exception):
            traceback.print_exception(error)
        self.answer({"error": in_a_line(error)})
        os._exit(1)


def in_a_line(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:  # even its text can be broken
        text = ""
    return f"{type(error).__name__}: {text}"[:_LONGEST] if text else type(error).__name__


def entry_point(load: Mapping[str, Any]) -> Factory:
    """The factory of `arena.matches.foreign_names`."""
    factory: Factory = EntryPoint(load["name"], load["value"], "arena.players").load()

    def make(*, observation_dtype: str, **match: Any) -> Any:
        return factory(**match)

    return make


def stable_baselines(load: Mapping[str, Any]) -> Factory:
    """Loads the model, without what it would need to learn: a replay buffer alone can take gigabytes, and
    schedules that were pickled by one Python often do not open in another."""
    from arena.matches.stable_baselines import Wants

    content = Path(load["path"]).read_bytes()
    if sha256(content).hexdigest() != load["sha256"]:
        raise ValueError(f"{load['path']} has been changed since it was named")
    module, _, name = load["model"].partition(":")
    unlearning = {
        **dict.fromkeys(("lr_schedule", "clip_range", "exploration_schedule"), lambda _: 0.0),
        "learning_rate": 0.0,
        "buffer_size": 1,
        "optimize_memory_usage": False,
    }
    kind = getattr(importlib.import_module(module), name)
    model = kind.load(io.BytesIO(content), device="cpu", custom_objects=unlearning)
    space = model.observation_space
    states = getattr(space, "n", None)
    wants = Wants(
        tuple(space.shape),
        space.dtype.name,
        states if states is None else int(states),
        int(model.action_space.n),
    )

    def make(
        *,
        game: str,
        actions: list[str],
        observation_shape: tuple[int, ...],
        observation_dtype: str,
        seed: int,
    ) -> Modelled:
        if not wants.fits(observation_shape, observation_dtype, len(actions)):
            raise ValueError(f"was trained on {wants}; here are {observation_shape} {observation_dtype}")
        model.set_random_seed(seed % 2**32)
        return Modelled(model, wants, draws=draws(game))

    return make


def draws(game_id: str) -> bool:
    """Whether a model draws its actions from its policy. In Atari and MiniGrid rl-zoo lets them do so
    (`enjoy.py`), since who always takes the likeliest gets stuck there; that holds for mazes too."""
    return not game_id.startswith("gym/") or game_id.startswith("gym/MiniGrid")


class Modelled:
    """A model at one match."""

    def __init__(self, model: Any, wants: Any, *, draws: bool) -> None:
        self.model, self.wants, self.draws = model, wants, draws
        self.memory, self.first = None, True

    def act(self, observation: NDArray[Any]) -> int:
        action, self.memory = self.model.predict(
            self.wants.given(observation),
            state=self.memory,
            episode_start=np.array([self.first]),
            deterministic=not self.draws,
        )
        self.first = False
        return int(np.asarray(action).item())


def main() -> None:
    talk = Talk()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever plays
    told, _ = talk.request()
    load, patience = told["load"], float(told["patience"])
    kinds: dict[str, Callable[[Mapping[str, Any]], Factory]] = {"entry": entry_point, "sb3": stable_baselines}
    with _once(talk, patience):
        factory = kinds[load["kind"]](load)
        if (torch := sys.modules.get("torch")) is not None:
            torch.set_num_threads(1)
    talk.answer({"ready": True})
    player: Any = None
    while True:
        message, body = talk.request()
        if (match := message.get("begin")) is not None:
            with _once(talk, patience):
                _seed(match["seed"])
                shape, actions = tuple(match["observation_shape"]), tuple(match["actions"])
                player = factory(**{**match, "observation_shape": shape, "actions": actions})
            talk.answer({"ready": True})
        else:
            seen = message["observation"]
            observation = np.frombuffer(body, seen["dtype"]).reshape(seen["shape"]).copy()
            with _once(talk, patience):
                answered = player.act(observation)
                answer = _action(answered)
            talk.answer(answer)


def _action(answered: Any) -> dict[str, Any]:
    try:
        action = operator.index(answered)
    except TypeError:
        return {"nonsense": " ".join(repr(answered).split())[:60]}
    bits = action.bit_length()  # one of thousands of digits cannot even be written
    return {"action": action} if bits < 32 else {"nonsense": f"a number of {bits:,} bits"}


def _seed(seed: int) -> None:
    """Of the generators that everybody shares: a simple player draws from them, and the same seed is to bring
    the same match."""
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002


@contextlib.contextmanager
def _once(talk: Talk, patience: float) -> Iterator[None]:
    """While the player's own code runs: what it raises is told, and the process ends if it does not come
    back, even where it has stopped all of Python's threads and nobody is left to end it from outside."""
    faulthandler.dump_traceback_later(patience, exit=True, file=2)
    try:
        yield
    except BaseException as error:
        talk.fail(error)
    finally:
        faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    main()
