"""FSAMT Studio's engine: everything but the desktop program. No Qt in here, ever."""

__version__ = "0.1.0"
