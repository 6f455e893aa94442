"""What all finetunings of a request have in common, of recognisers and of detectors."""

from dataclasses import replace

from fsamt_engine.learning.settings import FitSettings
from fsamt_engine.learning.store import read_description
from fsamt_engine.library import Library
from fsamt_engine.library.models import model as find_model
from fsamt_engine.runs.requests import FinetuneRequest


def fit_as_asked(request: FinetuneRequest, usual: FitSettings) -> FitSettings:
    """How the request has a network trained; what it leaves open stays as usual."""
    fit = replace(usual, epochs=request.epochs, seed=request.seed)
    if request.learning_rate is not None:
        fit = replace(fit, learning_rate=request.learning_rate)
    if request.batch_size is not None:
        fit = replace(fit, batch_size=request.batch_size)
    return fit


def early_ends(library: Library, *model_ids: str) -> tuple[str, ...]:
    """Which of these trainings were ended early on request, in a sentence each."""
    return tuple(
        f"The training of {one} was ended early."
        for one in model_ids
        if read_description(library, find_model(library, one))["training"]["ended"] == "kept best"
    )
