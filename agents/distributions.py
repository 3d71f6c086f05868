"""Distributions of the return over a support of fixed values (Bellemare 2017, arXiv 1707.06887)."""

import torch
from torch import Tensor


def projected(probabilities: Tensor, returns: Tensor, discounts: Tensor, support: Tensor) -> Tensor:
    """The distribution (B, atoms) of returns + discounts * X, where X is distributed over `support` (atoms,)
    as `probabilities` (B, atoms) say, shared out among the nearest of `support` (Bellemare 2017, alg. 1).
    """
    lowest, highest, last = support[0], support[-1], len(support) - 1
    values = (returns[:, None] + discounts[:, None] * support).clamp(lowest, highest)
    places = ((values - lowest) / (highest - lowest) * last).clamp(0, last)
    # (B, to, from): each probability goes to the values less than one place away, the nearer the more.
    to = torch.arange(last + 1, device=support.device)[None, :, None]
    shares = (1 - (places[:, None, :] - to).abs()).clamp(0)
    return (shares * probabilities[:, None, :]).sum(2)
