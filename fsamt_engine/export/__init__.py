"""Recognisers that leave the program: as files that others run without it, checked before."""
