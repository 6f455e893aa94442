"""Which tables there are, and what each of them asks; read without PyTorch."""

from enum import StrEnum


class ExperimentKind(StrEnum):
    """A table of the paper (Thoker and Snoek, ICPR 2020), filled in on the user's data."""

    SOURCE_MODALITY = "source-modality"
    """Students of an RGB teacher against students of a flow teacher."""
    GRANULARITY = "granularity"
    """Clip-to-clip, video-to-clip and both."""
    CLASSIFICATION = "classification"
    """From scratch, pretraining and every rival way to transfer against ours."""
    SKELETON = "skeleton"
    """The transfer to 3D skeletons instead of depth."""
    TARGET_LABELS = "target-labels"
    """The accuracy over the number of labels."""
    LOSSES = "losses"
    """Beyond the paper: every loss with the same teacher and the same granularity."""
    DETECTION = "detection"
    """Where actions start and end in untrimmed takes: from scratch and pretraining against ours."""
    NTU_TO_NTU = "ntu-to-ntu"
    """Teachers of NTU RGB+D 120 without the actions of NTU RGB+D 60."""
    KINETICS_TO_NTU = "kinetics-to-ntu"
    """Teachers of Kinetics-400."""

    @property
    def heading(self) -> str:
        """In words, above the table."""
        return _TITLES[self]

    @property
    def question(self) -> str:
        """What the table answers, in one sentence."""
        return _QUESTIONS[self]


_TITLES = {
    ExperimentKind.SOURCE_MODALITY: "RGB teacher against flow teacher",
    ExperimentKind.GRANULARITY: "What a clip of the student has to match",
    ExperimentKind.CLASSIFICATION: "From scratch, pretraining, the rivals, and the transfer",
    ExperimentKind.SKELETON: "The transfer to 3D skeletons",
    ExperimentKind.TARGET_LABELS: "How many labels it takes",
    ExperimentKind.LOSSES: "What the student is taught by",
    ExperimentKind.DETECTION: "Where actions start and end",
    ExperimentKind.NTU_TO_NTU: "NTU to NTU",
    ExperimentKind.KINETICS_TO_NTU: "Kinetics to NTU",
}

_QUESTIONS = {
    ExperimentKind.SOURCE_MODALITY: (
        "Does a teacher that sees optical flow make a better student than one that sees colour?"
    ),
    ExperimentKind.GRANULARITY: (
        "Should a clip of the student match the teacher's clip, its whole video, or both?"
    ),
    ExperimentKind.CLASSIFICATION: (
        "Is the transfer better than training from scratch, than pretraining, and than other ways "
        "to learn from a teacher?"
    ),
    ExperimentKind.SKELETON: "Does the transfer help networks that see 3D skeletons, too?",
    ExperimentKind.TARGET_LABELS: "How does the accuracy grow with the number of labels?",
    ExperimentKind.LOSSES: "Is there a better loss than the cosine distance of the paper?",
    ExperimentKind.DETECTION: (
        "In untrimmed takes, does the transfer find actions better than training from scratch and "
        "than pretraining?"
    ),
    ExperimentKind.NTU_TO_NTU: (
        "What do teachers bring that were pretrained on other actions of the same data set?"
    ),
    ExperimentKind.KINETICS_TO_NTU: (
        "What do teachers bring that were pretrained on videos from the web?"
    ),
}
