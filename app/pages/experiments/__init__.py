"""Experiments: the tables of the paper, filled in on the library that is open."""

from app.pages.experiments.page import ExperimentsPage

__all__ = ["ExperimentsPage"]
