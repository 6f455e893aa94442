"""Cameras: what is seen now, as pairs of colour and depth."""
