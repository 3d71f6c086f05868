"""Networks that see what Gymnasium environments show: vectors, planes, pictures, or a state's number."""

import math
from typing import Any, TypeVar

import gymnasium
import torch
from gymnasium import spaces
from torch import Tensor, nn

SMALLEST_PICTURE = 36
"""Pixels a side: the Nature network's three convolutions need as many (8/4, then 4/2, then 3/1)."""

Layer = TypeVar("Layer", nn.Linear, nn.Conv2d)


class ActorCritic(nn.Module):
    """Policy logits (B, A) and state values (B,) of observations (B, *shape).

    By the observation space:
    a picture, uint8 of at least 36x36: the Nature network (Mnih 2015), one body for both;
    any other uint8 box, such as a maze's planes: two ReLU layers, one body for both. On a CPU these are
    several times faster than convolutions over 7x7 cells, and learn as much;
    a float box, or the number of a state (one-hot): two tanh layers, one body each (Schulman 2017, 6.1).

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
        self.one_hot: int | None = None
        self.first = 0
        self.colours_last = False
        match observation_space:
            case spaces.Discrete():
                self.one_hot, self.first = int(observation_space.n), int(observation_space.start)
                features = self.one_hot
                self.scale = 1.0
                shared = False
            case spaces.Box():
                features = math.prod(observation_space.shape)
                shared = observation_space.dtype == "uint8"
                self.scale = 1 / 255 if shared else 1.0
            case _:
                raise ValueError(f"observations must be a Box or Discrete, not {observation_space}")
        shape = observation_space.shape or ()
        picture = shared and len(shape) == 3 and sorted(shape)[1] >= SMALLEST_PICTURE
        if picture:
            self.colours_last = shape[2] < shape[0]  # (H, W, C), as many environments draw
            height, width, channels = shape if self.colours_last else (shape[1], shape[2], shape[0])

        def linear(inputs: int, outputs: int, gain: float = math.sqrt(2)) -> nn.Module:
            return _orthogonal(nn.Linear(inputs, outputs, device="meta"), gain, generator)

        def convolution(inputs: int, outputs: int, size: int, stride: int) -> nn.Module:
            layer = _orthogonal(
                nn.Conv2d(inputs, outputs, size, stride, device="meta"), math.sqrt(2), generator
            )
            # Colours last in memory: 1.6 times as fast on a CPU.
            layer.weight.data = layer.weight.data.contiguous(memory_format=torch.channels_last)
            return layer

        def body() -> nn.Sequential:
            if picture:
                rows, columns = (((((side - 4) // 4) - 2) // 2) - 2 for side in (height, width))
                return nn.Sequential(
                    convolution(channels, 32, 8, 4),
                    nn.ReLU(),
                    convolution(32, 64, 4, 2),
                    nn.ReLU(),
                    convolution(64, 64, 3, 1),
                    nn.ReLU(),
                    nn.Flatten(),
                    linear(64 * rows * columns, hidden_size),
                    nn.ReLU(),
                )
            activation = nn.ReLU if shared else nn.Tanh
            return nn.Sequential(
                nn.Flatten(),
                linear(features, hidden_size),
                activation(),
                linear(hidden_size, hidden_size),
                activation(),
            )

        self.body = body()
        self.value_body = None if shared else body()
        self.policy = linear(hidden_size, actions, gain=0.01)
        self.value = linear(hidden_size, 1, gain=value_gain)

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        if self.one_hot is not None:
            observations = nn.functional.one_hot(observations - self.first, self.one_hot)
        inputs = observations.float()
        if self.scale != 1.0:
            inputs = inputs * self.scale
        if self.colours_last:
            inputs = inputs.permute(0, 3, 1, 2)
        hidden = self.body(inputs)
        value_hidden = hidden if self.value_body is None else self.value_body(inputs)
        return self.policy(hidden), self.value(value_hidden).squeeze(-1)


def _orthogonal(layer: Layer, gain: float, generator: torch.Generator) -> Layer:
    """Give a layer without memory its weights: torch's own would be drawn from the global generator."""
    layer.to_empty(device="cpu")
    nn.init.orthogonal_(layer.weight, gain, generator=generator)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer
