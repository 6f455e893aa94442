"""Bringing the heavy part of the engine in while the window is open already."""

import contextlib
import ctypes
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.garbage import collector
from app.preferences import Preferences
from app.qt_environment import forget_opencv_plugins
from app.settings_table import DEVICE
from app.tasks import Problem, Task
from fsamt_engine.progress import OnProgress, ShouldStop

MOST_JOINTS = 25
"""Of the skeletons that networks are known for, those of the newer Kinect."""
_JOINTS = (20, MOST_JOINTS)


@dataclass(frozen=True)
class DeviceChoice:
    """A device that a run can be given, `value` as the engine names it."""

    value: str
    name: str


@dataclass(frozen=True)
class EngineFacts:
    """What is known once PyTorch is there."""

    devices: tuple[DeviceChoice, ...]
    networks: tuple[tuple[str, str], ...]
    """Names and one-line summaries, the default first."""
    teacher_epochs: int
    """What the engine takes where nothing else is asked for."""
    transfer_epochs: int
    finetune_epochs: int = 100
    detection_epochs: Mapping[str, int] = field(default_factory=dict)
    """By the head of a detector, the default one first."""
    skeleton_networks: Mapping[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """As `networks`, by the number of joints; siblings stand at the same place."""


class Engine(QObject):
    """Imports the learning part of the engine in the background, once."""

    loaded = Signal(object)
    """`EngineFacts`."""
    failed = Signal(object)
    """A `Problem`: the engine cannot be imported here."""

    def __init__(self, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.facts: EngineFacts | None = None
        self.problem: Problem | None = None
        self._task: Task | None = None

    def load(self) -> None:
        """Begin; once."""
        if self._task is not None:
            return
        self._task = Task("Loading", _load, self, gentle=True)
        self._task.finished.connect(self._keep)
        self._task.failed.connect(self._fail)
        # A full collection among a million new objects would stop every thread for 0.3 s.
        collector().hold()
        self._task.start()

    def wait(self, limit_ms: int) -> None:
        """Wait for the import, which cannot be broken off."""
        if self._task is not None:
            self._task.wait(limit_ms)

    def _keep(self, facts: EngineFacts) -> None:
        collector().settle()
        preferred = self._preferences.get(DEVICE)
        devices = sorted(facts.devices, key=lambda device: device.value != preferred)
        self.facts = replace(facts, devices=tuple(devices))
        self.loaded.emit(self.facts)

    def _fail(self, problem: Problem) -> None:
        collector().settle()
        self.problem = problem
        self.failed.emit(problem)


def _load(on_progress: OnProgress, should_stop: ShouldStop) -> EngineFacts:
    _load_torch_library()
    import torch

    from fsamt_engine.detection.settings import DetectionHead, DetectorSettings, usual_settings
    from fsamt_engine.learning import FinetuneSettings, TeacherSettings, TransferSettings
    from fsamt_engine.networks import network_names, skeleton_network, spec

    # The first optimiser imports PyTorch's compiler, another 2 s: better now than during a run.
    torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))])
    forget_opencv_plugins()
    devices = [
        DeviceChoice(f"cuda:{number}", torch.cuda.get_device_name(number))
        for number in range(torch.cuda.device_count())
    ]
    devices.append(DeviceChoice("cpu", f"CPU, {os.cpu_count() or 1} cores"))
    networks = tuple((name, spec(name).summary) for name in network_names())
    heads = sorted(DetectionHead, key=lambda head: head is not DetectorSettings().head)
    return EngineFacts(
        tuple(devices),
        networks,
        TeacherSettings().fit.epochs,
        TransferSettings().fit.epochs,
        FinetuneSettings().fit.epochs,
        {str(head): usual_settings(head).fit.epochs for head in heads},
        {
            n_joints: tuple(
                (own.name, own.summary)
                for name in network_names("skeleton")
                if name == skeleton_network(name, MOST_JOINTS)
                for own in [spec(skeleton_network(name, n_joints))]
            )
            for n_joints in _JOINTS
        },
    )


def _load_torch_library() -> None:
    """Let the system load PyTorch's library (0.3 s and more) without holding the interpreter.

    An import holds the interpreter's lock meanwhile, and the window would stand still; a foreign
    function lets go of it. The import afterwards finds the library loaded. Where this does not work
    the import does it all, as ever.
    """
    if sys.platform != "linux":
        return
    found = find_spec("torch")
    if found is None or not found.submodule_search_locations:
        return
    folder = Path(found.submodule_search_locations[0]) / "lib"
    with contextlib.suppress(OSError, AttributeError):
        dlopen = ctypes.CDLL(None).dlopen
        dlopen.restype, dlopen.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
        # In the order and with the flags of torch's own import.
        dlopen(bytes(folder / "libtorch_global_deps.so"), os.RTLD_NOW | os.RTLD_GLOBAL)
        dlopen(bytes(folder / "libtorch_python.so"), os.RTLD_NOW)
