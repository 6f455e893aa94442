"""The command line `fsamt`: the engine's functions from a terminal."""

from fsamt_engine.cli.entry import main

__all__ = ["main"]
