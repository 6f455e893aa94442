"""Start: opens a library, and says where it stands."""

from app.pages.start.page import StartPage

__all__ = ["StartPage"]
