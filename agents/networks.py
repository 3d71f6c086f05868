"""Networks that see what Gymnasium environments show: vectors, planes, pictures, or a state's number."""

import math
from collections.abc import Callable
from typing import Any, TypeVar

import gymnasium
import torch
from gymnasium import spaces
from torch import Tensor, nn

from agents.cores import on_one_thread

SMALLEST_PICTURE = 36
"""Pixels a side: the Nature network's three convolutions need as many (8/4, then 4/2, then 3/1)."""

Layer = TypeVar("Layer", nn.Linear, nn.Conv2d)
Start = Callable[[Any, float], Any]
"""(a layer without memory, a gain) -> the layer with its first weights."""


class Encoder(nn.Sequential):
    """Features (B, `features`) of observations (B, *shape), by layers that fit the observation space:

    a picture, uint8 of at least 36x36: the three convolutions of the Nature network (Mnih 2015);
    any other uint8 box, such as a maze's planes, a float box, or the number of a state (one-hot): one fully
    connected layer. For planes of 7x7 cells it is several times faster on a CPU than convolutions, and learns
    as much.

    Bytes are taken as they are, and the first layer's weights are divided by 255 instead: that is less work,
    and whole numbers up to 255 are exact in bfloat16, while their 255th parts are not.

    Further layers may be added. Raises ValueError for other spaces.
    """

    def __init__(
        self,
        observation_space: gymnasium.Space[Any],
        hidden_size: int,
        activation: type[nn.Module],
        start: Start,
    ) -> None:
        super().__init__()
        self.one_hot: int | None = None
        self.first, self.scale = 0, 1.0
        match observation_space:
            case spaces.Discrete():
                self.one_hot, self.first = int(observation_space.n), int(observation_space.start)
                inputs = self.one_hot
            case spaces.Box():
                inputs = math.prod(observation_space.shape)
                self.scale = 1 / 255 if observation_space.dtype == "uint8" else 1.0
            case _:
                raise ValueError(f"observations must be a Box or Discrete, not {observation_space}")
        shape = observation_space.shape or ()
        layers: list[nn.Module]
        self.picture, self.colours_last = is_picture(observation_space), False
        if self.picture:
            self.colours_last = shape[2] < shape[0]  # (H, W, C), as many environments draw
            height, width, channels = shape if self.colours_last else (shape[1], shape[2], shape[0])
            layers = []
            for before, after, size, stride in ((channels, 32, 8, 4), (32, 64, 4, 2), (64, 64, 3, 1)):
                layer = start(nn.Conv2d(before, after, size, stride, device="meta"), math.sqrt(2))
                # Colours last in memory: 1.6 times as fast on a CPU.
                layer.weight.data = layer.weight.data.contiguous(memory_format=torch.channels_last)
                layers += [layer, nn.ReLU(inplace=True)]
                height, width = (height - size) // stride + 1, (width - size) // stride + 1
            layers.append(nn.Flatten())
            self.features = 64 * height * width
        else:
            layer = start(nn.Linear(inputs, hidden_size, device="meta"), math.sqrt(2))
            layers = [nn.Flatten(), layer, activation()]
            self.features = hidden_size
        self.extend(layers)

    def forward(self, observations: Tensor) -> Tensor:
        """In bfloat16 within `torch.autocast`, otherwise in float32."""
        if self.one_hot is not None:
            observations = nn.functional.one_hot(observations - self.first, self.one_hot)
        mixed = torch.is_autocast_enabled(observations.device.type)
        dtype = torch.bfloat16 if mixed else torch.float32
        if self.colours_last:
            observations = observations.permute(0, 3, 1, 2)
        first, *others = self if self.picture else [*self][1:]
        if isinstance(first, nn.Conv2d):
            inputs = observations.to(dtype, memory_format=torch.channels_last)
            hidden = nn.functional.conv2d(inputs, first.weight * self.scale, first.bias, first.stride)
        else:
            assert isinstance(first, nn.Linear)
            inputs = observations.flatten(1).to(dtype)
            hidden = nn.functional.linear(inputs, first.weight * self.scale, first.bias)
        for layer in others:
            hidden = layer(hidden)
        return hidden


def is_picture(observation_space: gymnasium.Space[Any]) -> bool:
    """Whether it shows bytes in three dimensions, two of them large enough for the Nature network."""
    shape = observation_space.shape or ()
    return (
        isinstance(observation_space, spaces.Box)
        and observation_space.dtype == "uint8"
        and len(shape) == 3
        and sorted(shape)[1] >= SMALLEST_PICTURE
    )


class ActorCritic(nn.Module):
    """Policy logits (B, A) and state values (B,) of observations (B, *shape).

    One body for both where observations are uint8, with ReLUs; one each for the others, with tanh (Schulman
    2017, 6.1). A body is an encoder and one more fully connected layer.

    Weights are orthogonal and biases zero, with the gains of the published implementation: sqrt(2)
    inside, 0.01 for the policy, and `value_gain`, which is published as 1, for the value (Huang 2022, "The
    37 implementation details of PPO", 2).
    """

    def __init__(
        self,
        observation_space: gymnasium.Space[Any],
        actions: int,
        hidden_size: int,
        value_gain: float,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        shared = observation_space.dtype == "uint8"
        activation: type[nn.Module] = nn.ReLU if shared else nn.Tanh

        def start(layer: Layer, gain: float) -> Layer:
            return _orthogonal(layer, gain, generator)

        def body() -> Encoder:
            encoder = Encoder(observation_space, hidden_size, activation, start)
            last = start(nn.Linear(encoder.features, hidden_size, device="meta"), math.sqrt(2))
            encoder.extend([last, activation()])
            return encoder

        self.body = body()
        self.value_body = None if shared else body()
        self.policy = start(nn.Linear(hidden_size, actions, device="meta"), 0.01)
        self.value = start(nn.Linear(hidden_size, 1, device="meta"), value_gain)

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.body(observations)
        value_hidden = hidden if self.value_body is None else self.value_body(observations)
        with torch.autocast(hidden.device.type, enabled=False):  # what is decided by is never rounded
            return self.policy(hidden.float()), self.value(value_hidden.float()).squeeze(-1)


class QNetwork(nn.Module):
    """Action values of observations (B, *shape): an encoder, then a stream of one hidden layer.

    `dueling`: two streams, one for the state's value and one for the actions' advantages over their mean
    (Wang 2016, equation 9). `atoms` above 1: for each action a distribution of the return over so many values
    from `lowest` to `highest` (Bellemare 2017). `noisy`: the streams' layers are noisy (Fortunato 2018).
    """

    support: Tensor

    def __init__(
        self,
        observation_space: gymnasium.Space[Any],
        actions: int,
        hidden_size: int,
        generator: torch.Generator,
        *,
        dueling: bool = False,
        atoms: int = 1,
        lowest: float = -10.0,
        highest: float = 10.0,
        noisy: bool = False,
    ) -> None:
        super().__init__()
        self.actions, self.atoms = actions, atoms

        def start(layer: Layer, gain: float) -> Layer:
            return _uniform(layer, generator)

        self.encoder = Encoder(observation_space, hidden_size, nn.ReLU, start)

        def stream(outputs: int) -> nn.Sequential:
            def linear(inputs: int, outputs: int) -> nn.Module:
                if noisy:
                    return NoisyLinear(inputs, outputs, generator)
                return start(nn.Linear(inputs, outputs, device="meta"), 1.0)

            return nn.Sequential(
                linear(self.encoder.features, hidden_size), nn.ReLU(), linear(hidden_size, outputs)
            )

        self.advantage = stream(actions * atoms)
        self.value = stream(atoms) if dueling else None
        self.register_buffer("support", torch.linspace(lowest, highest, atoms), persistent=False)

    def forward(self, observations: Tensor) -> Tensor:
        """(B, A) action values, or with several atoms (B, A, atoms) logarithms of their probabilities."""
        hidden = self.encoder(observations)
        outputs: Tensor = self._stream(self.advantage, hidden).view(-1, self.actions, self.atoms)
        if self.value is not None:
            value = self._stream(self.value, hidden).view(-1, 1, self.atoms)
            outputs = value + outputs - outputs.mean(1, keepdim=True)
        return outputs.log_softmax(2) if self.atoms > 1 else outputs.squeeze(2)

    @staticmethod
    def _stream(layers: nn.Sequential, hidden: Tensor) -> Tensor:
        *first, last = layers
        for layer in first:
            hidden = layer(hidden)
        with torch.autocast(hidden.device.type, enabled=False):  # what is decided by is never rounded
            outputs: Tensor = last(hidden.float())
            return outputs

    def values(self, outputs: Tensor) -> Tensor:
        """(B, A) action values of what `forward` gave."""
        return (outputs.exp() * self.support).sum(2) if self.atoms > 1 else outputs

    def draw_noise(self, generator: torch.Generator | None) -> None:
        """New noise for the noisy layers, or none at all."""
        for layer in self.modules():
            if isinstance(layer, NoisyLinear):
                layer.draw(generator)


class NoisyLinear(nn.Module):
    """A fully connected layer whose weights are noisy, by factorised Gaussian noise of learned strength
    (Fortunato 2018, arXiv 1706.10295, section 3 and equations 10 and 11)."""

    inward: Tensor
    outward: Tensor

    def __init__(self, inputs: int, outputs: int, generator: torch.Generator, strength: float = 0.5) -> None:
        super().__init__()
        bound = 1 / math.sqrt(inputs)
        self.weight = nn.Parameter(torch.empty(outputs, inputs).uniform_(-bound, bound, generator=generator))
        self.bias = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound, generator=generator))
        self.weight_noise = nn.Parameter(torch.full((outputs, inputs), strength * bound))
        self.bias_noise = nn.Parameter(torch.full((outputs,), strength * bound))
        self.register_buffer("inward", torch.zeros(inputs), persistent=False)
        self.register_buffer("outward", torch.zeros(outputs), persistent=False)

    def draw(self, generator: torch.Generator | None) -> None:
        """New noise, or none."""
        for noise in (self.inward, self.outward):
            if generator is None:
                noise.zero_()
            else:
                noise.normal_(generator=generator)
                noise.copy_(noise.sign() * noise.abs().sqrt())

    def forward(self, inputs: Tensor) -> Tensor:
        # The noise of a weight is the product of its ends' noises, so its matrix need not be made.
        plain = nn.functional.linear(inputs, self.weight, self.bias)
        noisy = nn.functional.linear(inputs * self.inward, self.weight_noise) * self.outward
        return plain + noisy + self.bias_noise * self.outward


def _give_memory(layer: nn.Module) -> None:
    """As `to_empty` does, by which torch loads half a second of what it compiles with."""
    for name, parameter in layer.named_parameters(recurse=False):
        setattr(layer, name, nn.Parameter(torch.empty(parameter.shape)))


def _orthogonal(layer: Layer, gain: float, generator: torch.Generator) -> Layer:
    """Give a layer without memory its weights: torch's own would be drawn from the global generator."""
    _give_memory(layer)
    with on_one_thread():  # several round otherwise: a seed's weights are the same on every machine
        nn.init.orthogonal_(layer.weight, gain, generator=generator)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


def _uniform(layer: Layer, generator: torch.Generator) -> Layer:
    """Torch's own first weights, by our generator: uniform up to one by the root of a unit's inputs."""
    _give_memory(layer)
    bound = 1 / math.sqrt(layer.weight[0].numel())
    assert layer.bias is not None
    for parameter in (layer.weight, layer.bias):
        nn.init.uniform_(parameter, -bound, bound, generator=generator)
    return layer
