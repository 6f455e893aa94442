import os
import shutil
import subprocess
import sys
from pathlib import Path

JOURNEY = Path(__file__).with_name("journey.py")


def test_the_whole_journey_in_a_real_window(tmp_path: Path) -> None:
    """Under Xvfb with Qt's xcb platform; where there is no Xvfb, without a screen at all."""
    environment = os.environ | {"HOME": str(tmp_path), "OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", str(JOURNEY)]
    if sys.platform == "linux" and shutil.which("xvfb-run"):
        environment["QT_QPA_PLATFORM"] = "xcb"
        command = ["xvfb-run", "-a", "-s", "-screen 0 1280x800x24", *command]
    else:
        environment["QT_QPA_PLATFORM"] = "offscreen"
    done = subprocess.run(
        command,
        env=environment,
        cwd=JOURNEY.parents[2],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
