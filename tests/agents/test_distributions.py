import numpy as np
import pytest
import torch

from agents.distributions import projected


def test_a_distribution_is_projected_as_the_algorithm_says() -> None:
    """Bellemare 2017, algorithm 1, step by step."""
    support = torch.linspace(-2, 2, 5)
    rng = np.random.default_rng(1)
    given = rng.dirichlet(np.ones(5), 6).astype(np.float32)
    returns = np.array([0.0, 0.3, -1.7, 5.0, -9.0, 1.0], np.float32)
    discounts = np.array([0.99, 0.5, 0.9, 1.0, 1.0, 0.0], np.float32)
    found = projected(*(torch.from_numpy(x) for x in (given, returns, discounts)), support).numpy()
    for row in range(6):
        wanted = np.zeros(5)
        for atom in range(5):
            place = np.clip(returns[row] + discounts[row] * float(support[atom]), -2, 2) + 2
            low, high = int(np.floor(place)), int(np.ceil(place))
            if low == high:
                wanted[low] += given[row, atom]
            else:
                wanted[low] += given[row, atom] * (high - place)
                wanted[high] += given[row, atom] * (place - low)
        assert found[row] == pytest.approx(wanted, abs=1e-5)
        assert found[row].sum() == pytest.approx(1, abs=1e-5)
