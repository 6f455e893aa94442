"""Units, and numbers as they are shown to people."""


def format_duration(seconds: float) -> str:
    """Seconds in words that fit a status line: "8 s", "3 min 20 s", "2 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def format_bytes(n_bytes: float) -> str:
    """Bytes in decimal units: "740 B", "12.4 MB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(n_bytes) < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} TB"


def format_percent(share: float) -> str:
    """A share in 0..1 as "82.7 %"."""
    return f"{share * 100:.1f} %"
