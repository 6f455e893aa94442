"""The head R-C3D: a student over long windows, trained end to end.

Xu, Das and Saenko, ICCV 2017. The paper starts from C3D trained on Sports-1M, trains all its layers
on THUMOS'14 and all but the first two on ActivityNet, with SGD at 1e-4 and 1e-5,
one window of 768 frames a step. Here all layers of the student learn, since it is small and
comes from another modality; one rate serves it and the head. `r_c3d_network` and `r_c3d_lesson` say
what else departs.
"""

from collections.abc import Mapping
from statistics import median
from typing import Any

from fsamt_engine.detection.detector import Detector
from fsamt_engine.detection.heads import FittedHead, HeadJob
from fsamt_engine.detection.r_c3d_detector import RC3D
from fsamt_engine.detection.r_c3d_lesson import RC3DLesson
from fsamt_engine.detection.r_c3d_settings import RC3DSettings, settings_for
from fsamt_engine.detection.r_c3d_windows import TrainingWindows, labelled_takes
from fsamt_engine.learning.clips import ClipReader
from fsamt_engine.learning.loop import fit
from fsamt_engine.learning.settings import FinetuneSettings
from fsamt_engine.learning.starting import first_network, method_of
from fsamt_engine.library.takes import take
from fsamt_engine.modalities.clips import ClipShape
from fsamt_engine.modalities.preparation import Modality
from fsamt_engine.networks import build
from fsamt_engine.networks.network import seeded


class RC3DHead:
    """How R-C3D is trained and built; see `Head`."""

    def fit(self, job: HeadJob) -> FittedHead:
        """Train backbone and head together on windows around the drawn segments."""
        own = job.settings
        modality = Modality(own.modality)
        takes = labelled_takes(job.library, job.snapshot)
        rate_hz = median(take(job.library, one.take_id).main.rate_hz for one in takes)
        lengths = [end - start for one in takes for start, end, _ in one.truth]
        settings = settings_for(lengths, rate_hz, job.shape)
        asked = FinetuneSettings(modality=own.modality, network=own.network, fit=own.fit)
        backbone = first_network(asked, job.start)
        with seeded(own.fit.seed):
            n_actions = len(job.snapshot.actions)
            detector = RC3D(backbone, n_actions, settings, job.shape.step, job.shape.size)
        reader = ClipReader(
            job.library, modality, job.preparation, detector.shape, job.normalisation
        )
        lesson = RC3DLesson(
            detector,
            reader,
            TrainingWindows(takes, detector.shape),
            own.fit,
            own.augmentation,
        )
        result = fit(
            lesson,
            own.fit,
            job.device,
            job.checkpoint,
            what=f"Training R-C3D ({method_of(job.start.record if job.start else None)})",
            on_progress=job.on_progress,
            on_epoch=job.on_epoch,
            should_stop=job.should_stop,
        )
        return FittedHead(
            detector.eval(),
            result,
            detector.shape,
            job.preparation,
            reader.normalisation,
        )

    def restore(self, description: Mapping[str, Any]) -> Detector:
        """The detector of a model.json, without its weights."""
        shape = ClipShape(**description["shape"])
        config = {k: v for k, v in description["detector"]["config"].items() if k != "longest"}
        backbone = build(description["network"], description["in_channels"])
        settings = RC3DSettings.from_dict(config)
        return RC3D(backbone, len(description["actions"]), settings, shape.step, shape.size)


HEAD = RC3DHead()
"""What `heads.head` finds here."""
