"""From stored frames to what networks receive: rgb, flow and depth."""
