"""What a policy did and met: rollouts, and the advantages estimated from them."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Rollout:
    """T steps of N environments, on the learner's device."""

    observations: Tensor
    """(T + 1, N, *observation): the last is where the next rollout begins."""
    actions: Tensor
    """(T, N) int64."""
    log_probabilities: Tensor
    """(T, N): of the actions, when they were chosen."""
    values: Tensor
    """(T + 1, N): of the observations."""
    next_values: Tensor
    """(T, N): of what each step led to, before any reset."""
    rewards: Tensor
    """(T, N)."""
    terminated: Tensor
    """(T, N) bool: nothing follows, so nothing is bootstrapped."""
    ended: Tensor
    """(T, N) bool: terminated or truncated."""
    valid: Tensor
    """(T, N) bool: False where the environment only reset itself and the action was ignored."""


def generalized_advantages(rollout: Rollout, gamma: float, gae_lambda: float) -> Tensor:
    """(T, N) advantages: discounted sums of temporal-difference errors (Schulman 2016, equation 16).

    Sums stop where an episode ended, so that nothing leaks in from the reset or the next episode.
    """
    following = rollout.next_values * ~rollout.terminated
    errors = rollout.rewards + gamma * following - rollout.values[:-1]
    decay = gamma * gae_lambda * ~rollout.ended
    advantages = torch.empty_like(errors)
    advantage = torch.zeros_like(errors[0])
    for t in reversed(range(len(errors))):
        advantage = errors[t] + decay[t] * advantage
        advantages[t] = advantage
    return advantages
