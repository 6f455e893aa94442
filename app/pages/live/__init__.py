"""Live: actions are recognised from depth alone, as they happen."""

from app.pages.live.page import LivePage

__all__ = ["LivePage"]
