"""The page on which takes are recorded."""

from app.pages.capture.page import CapturePage

__all__ = ["CapturePage"]
