"""Choosing where to compute."""

import pytest
import torch

from fsamt_engine.errors import FsamtError
from fsamt_engine.learning.device import choose_device, faster_layout


def test_unknown_device_is_named_in_the_refusal() -> None:
    with pytest.raises(FsamtError, match='no device called "tpu"'):
        choose_device("tpu")


def test_auto_takes_the_cpu_where_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    device = choose_device("auto")
    assert not device.is_gpu
    assert device.name.startswith("CPU")


@pytest.mark.parametrize("slow", [torch.contiguous_format, torch.channels_last_3d])
def test_faster_layout_is_the_one_that_took_less_time(slow: torch.memory_format) -> None:
    matrix = torch.rand(400, 400)

    def step(layout: torch.memory_format) -> None:
        for _ in range(30 if layout is slow else 1):
            matrix @ matrix

    assert faster_layout(step, choose_device("cpu")) is not slow
