"""Models: every model of the library, and how each came about."""

from app.pages.models.page import ModelsPage

__all__ = ["ModelsPage"]
