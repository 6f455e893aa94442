"""What `docs/take_screenshots.py` shows, page by page."""
