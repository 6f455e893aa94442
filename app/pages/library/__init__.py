"""The page on which takes are looked at."""

from app.pages.library.page import LibraryPage

__all__ = ["LibraryPage"]
