"""The page that teaches a student on unlabelled pairs."""

from app.pages.transfer.page import TransferPage

__all__ = ["TransferPage"]
