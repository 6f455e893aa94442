"""The desktop program: everything that is Qt, and nothing else is."""
