"""Opens what watches live, whatever it is."""

from fsamt_engine.library import Library, ModelRecord
from fsamt_engine.progress import OnProgress
from fsamt_engine.recognition.kinds import is_detector
from fsamt_engine.recognition.watcher import Watcher


def open_watcher(
    library: Library,
    record: ModelRecord,
    device: str = "auto",
    *,
    on_progress: OnProgress | None = None,
) -> Watcher:
    """Open a recogniser or a detector, with the fastest way to compute it on this computer.

    Args:
        device: "auto", "cpu" or "cuda".

    Raises:
        FsamtError: It knows no actions, or does not see depth; its files are broken; there is no
            such device.
    """
    if is_detector(record):
        from fsamt_engine.recognition.live_detector import open_live_detector

        return open_live_detector(library, record, device, on_progress=on_progress)
    from fsamt_engine.recognition.live_model import open_live_model

    return open_live_model(library, record, device, on_progress=on_progress)
