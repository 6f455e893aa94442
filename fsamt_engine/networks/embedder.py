"""Video transformers of the library `transformers` as frozen embedders: VideoMAE and V-JEPA 2."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from fsamt_engine.errors import FsamtError
from fsamt_engine.networks.network import ActionNetwork

EMBEDDERS = ("videomae", "vjepa2")
"""`model_type` of the configurations that are known here."""

_CLASSIFIERS = ("VideoMAEForVideoClassification", "VJEPA2ForVideoClassification")
"""Published classes with a classifier; each keeps the model without it under its `model_type`."""

_FETCH_AGAIN = "Fetch the folder again; it needs config.json and model.safetensors."


class TransformerEmbedder(ActionNetwork):
    """A published video transformer, built from its configuration.

    VideoMAE (Tong et al. NeurIPS 2022): the mean over its tokens, after `fc_norm` where it was
    finetuned. V-JEPA 2 (Assran et al. 2025): the mean over the encoder's tokens, or its attentive
    pooler where it has one. Numbers of an embedding can be below 0.

    Args:
        config: As config.json has it.
        model: The published model with its weights; by default one with fresh weights.

    Raises:
        FsamtError: `transformers` is not installed, or the configuration is not one it knows.
    """

    first_convolution = "backbone.embeddings.patch_embeddings.projection.weight"

    def __init__(self, config: Mapping[str, Any], model: nn.Module | None = None) -> None:
        kind, with_classifier = embedder_kind(config), _published_class(config) != ""
        published: Any = _fresh(config) if model is None else model
        settings = published.config
        super().__init__(_in_channels(config), settings.hidden_size)
        self._takes = "pixel_values" if kind == "videomae" else "pixel_values_videos"
        backbone = getattr(published, kind) if with_classifier else published
        self.backbone: nn.Module = backbone if kind == "videomae" else backbone.encoder
        self.pooler: nn.Module = _MeanOfTokens()
        self.norm: nn.Module = nn.Identity()
        if with_classifier and kind == "vjepa2":
            self.pooler = published.pooler
        elif with_classifier and published.fc_norm is None:
            self.pooler = _FirstToken()
        elif with_classifier:
            self.norm = published.fc_norm
        if with_classifier:
            self.fc = cast(nn.Linear, published.classifier)

    def embed(self, clips: Tensor) -> Tensor:
        """Embeddings (B, D) float32 of clips (B, 3, T, H, W) float32."""
        tokens = self.backbone(**{self._takes: clips.transpose(1, 2)}).last_hidden_state
        return cast(Tensor, self.norm(self.pooler(tokens)))


class _MeanOfTokens(nn.Module):
    def forward(self, tokens: Tensor) -> Tensor:
        return tokens.mean(1)


class _FirstToken(nn.Module):
    def forward(self, tokens: Tensor) -> Tensor:
        return tokens[:, 0]


def embedder_kind(config: Mapping[str, Any]) -> str:
    """The kind of network that a config.json is of.

    Raises:
        FsamtError: It is of another one.
    """
    kind = str(config.get("model_type"))
    if kind not in EMBEDDERS:
        raise FsamtError(
            f'The config.json is of a network of the kind "{kind}".',
            f"Known are {' and '.join(EMBEDDERS)}.",
        )
    return kind


def published_embedder(folder: Path, config: Mapping[str, Any]) -> TransformerEmbedder:
    """The embedder in a folder that `save_pretrained` or a download has left.

    Args:
        folder: With config.json and safetensors files, whole or in parts.
        config: What config.json says.

    Raises:
        FsamtError: `transformers` is missing, or the weights are not those of the configuration.
    """
    transformers = _transformers()
    own = getattr(transformers, _published_class(config) or "AutoModel")
    embedder_kind(config)
    try:
        model, report = own.from_pretrained(
            str(folder),
            local_files_only=True,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:
        raise FsamtError(
            f"The weights in {folder} cannot be loaded ({_first_line(error)}).", _FETCH_AGAIN
        ) from error
    missing = sorted(str(key) for key in report["missing_keys"])
    if missing:
        raise FsamtError(
            f"The weights in {folder} are not those of its config.json: {missing[0]} is missing, "
            f"one of {len(missing)}.",
            _FETCH_AGAIN,
        )
    return TransformerEmbedder(config, model)


def _fresh(config: Mapping[str, Any]) -> nn.Module:
    """The published model with fresh weights."""
    transformers, kind = _transformers(), embedder_kind(config)
    settings = {key: value for key, value in config.items() if key != "model_type"}
    try:
        known = transformers.AutoConfig.for_model(kind, **settings)
        name = _published_class(config)
        made = (
            getattr(transformers, name)(known)
            if name
            else transformers.AutoModel.from_config(known)
        )
    except Exception as error:
        raise FsamtError(
            f"The configuration of this {kind} network cannot be used ({_first_line(error)}).",
            _FETCH_AGAIN,
        ) from error
    return cast(nn.Module, made)


def check_transformers() -> None:
    """Refuse early where `transformers` is missing.

    Raises:
        FsamtError: It is not installed, or does not fit torch.
    """
    _transformers()


def _published_class(config: Mapping[str, Any]) -> str:
    """The class with a classifier that the weights are of; "" for those that only embed."""
    named = config.get("architectures") or [""]
    return str(named[0]) if named[0] in _CLASSIFIERS else ""


def _in_channels(config: Mapping[str, Any]) -> int:
    return int(config.get("num_channels", config.get("in_chans", 3)))


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__


def _transformers() -> Any:
    """The library; importing it takes seconds, so only here."""
    try:
        import transformers
    except (ImportError, RuntimeError, OSError) as error:
        raise FsamtError(
            "VideoMAE and V-JEPA 2 need the library transformers, which is not installed.",
            'Install it with: pip install "fsamt-studio[transformers]"',
        ) from error
    said: Any = transformers.utils.logging
    said.set_verbosity_error()
    said.disable_progress_bar()
    return transformers
