"""The page on which takes are labelled."""

from app.pages.label.page import LabelPage

__all__ = ["LabelPage"]
