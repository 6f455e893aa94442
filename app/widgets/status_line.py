"""The line at the window's foot: library, device and its memory, runs with the time left."""

import sys
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from app import words
from app.engine import EngineFacts
from app.icons import icon, pixmap
from app.run_queue import page_of
from app.studio import Studio
from app.tasks import Problem, Task
from app.theme import SPACING, theme
from app.widgets.buttons import label
from app.widgets.queue_list import QueuePanel
from fsamt_engine.errors import FsamtError
from fsamt_engine.library import Library
from fsamt_engine.library.takes import count_takes
from fsamt_engine.runs.queue import QueuedRun, QueueStatus
from fsamt_engine.units import format_bytes, format_duration

_MEMORY_INTERVAL_MS = 5000
_ICON_PX = 16


class StatusLine(QFrame):
    """What is open, what it runs on, what is under way."""

    run_wanted = Signal(str)
    """Key of the page on which a run is watched."""
    library_clicked = Signal()

    def __init__(self, studio: Studio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.setObjectName("statusLine")
        self.setFixedHeight(30)
        self.library = QToolButton()
        self.library.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.library.clicked.connect(self.library_clicked)
        self.runs = QToolButton()
        self.runs.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.runs.setAccessibleName(self.tr("Runs"))
        self.runs.clicked.connect(self._runs_clicked)
        self.panel = QueuePanel(studio, self)
        self.panel.queue.run_wanted.connect(self._run_wanted)
        self._device_mark = QLabel()
        self.device = label()
        self._device_name = self.tr("Loading PyTorch…")
        self._is_gpu = False
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACING, 0, 2 * SPACING, 0)
        row.setSpacing(6)
        row.addWidget(self.library)
        row.addSpacing(SPACING)
        row.addWidget(self._device_mark)
        row.addWidget(self.device)
        row.addStretch(1)
        row.addWidget(self.runs)
        self._draw_icons()
        self.show_library(None)
        self._memory = QTimer(self, interval=_MEMORY_INTERVAL_MS)
        self._memory.timeout.connect(self._write_device)
        self._memory.start()
        self._write_device()
        studio.engine.loaded.connect(self._engine_loaded)
        studio.engine.failed.connect(self._engine_failed)
        studio.board.changed.connect(self.show_runs)
        studio.runs.changed.connect(self._count_waiting)
        self._n_waiting = 0
        self._count_waiting()

    def show_library(self, library: Library | None) -> None:
        """Name the open library and how many takes it holds."""
        if library is None:
            self.library.setText(self.tr("No library open"))
            self.library.setToolTip(self.tr("Open a library (Ctrl+O)"))
            return
        self.library.setText(f"{library.root.name} · {words.takes(count_takes(library))}")
        self.library.setToolTip(str(library.root))

    def show_runs(self) -> None:
        """Name what is under way, with the time left, and how much waits."""
        tasks = self._studio.board.running
        said = [self._words(task) for task in tasks]
        if self._n_waiting:
            said.append(words.waiting(self._n_waiting))
        self.runs.setVisible(bool(said))
        self.runs.setText("    ".join(said))
        self.runs.setToolTip(self.tr("Show the runs: what is under way, what waits"))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the icons anew in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_icons()

    def _count_waiting(self) -> None:
        try:
            runs = self._studio.runs.runs
        except FsamtError:
            runs = []
        self._n_waiting = sum(run.status is not QueueStatus.RUNNING for run in runs)
        self.show_runs()

    def _runs_clicked(self) -> None:
        """The list of runs; of work that is not in it, the page where it is watched."""
        tasks = self._studio.board.running
        if self._n_waiting or self._studio.runs.running is not None or not tasks:
            self.panel.unfold_over(self.runs)
        else:
            self.run_wanted.emit(tasks[-1].page)

    def _run_wanted(self, run: QueuedRun) -> None:
        self.run_wanted.emit(page_of(run.request))

    def _words(self, task: Task) -> str:
        latest = task.latest
        if latest is None:
            return f"{task.name}…"
        share = f" · {latest.done / latest.total:.0%}" if latest.total else ""
        left = ""
        if latest.seconds_left is not None:
            left = " · " + self.tr("{time} left").format(time=format_duration(latest.seconds_left))
        return f"{latest.what}{share}{left}"

    def _engine_loaded(self, facts: EngineFacts) -> None:
        self._device_name = facts.devices[0].name
        self._is_gpu = facts.devices[0].value != "cpu"
        self._write_device()

    def _engine_failed(self, problem: Problem) -> None:
        self._device_name = self.tr("PyTorch cannot be loaded: nothing can be trained")
        self.device.setToolTip(problem.details or problem.message)
        self._write_device()

    def _write_device(self) -> None:
        memory = self._memory_words()
        self.device.setText(f"{self._device_name} · {memory}" if memory else self._device_name)

    def _memory_words(self) -> str:
        free_and_total = self._gpu_memory() if self._is_gpu else main_memory()
        if free_and_total is None:
            return ""
        free, total = free_and_total
        if free is None:
            return format_bytes(total)
        return self.tr("{free} of {total} free").format(
            free=format_bytes(free), total=format_bytes(total)
        )

    def _gpu_memory(self) -> tuple[int | None, int]:
        """Asking for the free part occupies the GPU: done only while a run does so anyway."""
        import torch

        if self._studio.board.running:
            return torch.cuda.mem_get_info(0)
        return None, torch.cuda.get_device_properties(0).total_memory

    def _draw_icons(self) -> None:
        self.library.setIcon(icon("folder", "quiet"))
        self.runs.setIcon(icon("run", "accent"))
        self._device_mark.setPixmap(pixmap("device", theme().palette.quiet, _ICON_PX))


def main_memory() -> tuple[int | None, int] | None:
    """Free and installed bytes of main memory, None where the system does not say."""
    if sys.platform == "win32":
        return _windows_memory()
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    fields = (line.partition(":") for line in lines)
    values = {name: int(rest.split()[0]) * 1024 for name, _, rest in fields}
    return values["MemAvailable"], values["MemTotal"]


def _windows_memory() -> tuple[int | None, int] | None:
    import ctypes

    class MemoryStatus(ctypes.Structure):
        """MEMORYSTATUSEX of the Windows API."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            ("total", ctypes.c_ulonglong),
            ("available", ctypes.c_ulonglong),
            ("others", ctypes.c_ulonglong * 5),
        )

    status = MemoryStatus(length=ctypes.sizeof(MemoryStatus))
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    if not kernel.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return status.available, status.total
