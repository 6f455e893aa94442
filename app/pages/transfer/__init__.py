"""The page that teaches a depth network on unlabelled pairs."""

from app.pages.transfer.page import TransferPage

__all__ = ["TransferPage"]
