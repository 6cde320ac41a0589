"""For every test of models: one thread, for two of PyTorch's wait for each other beside other programs."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    torch.set_num_threads(1)
