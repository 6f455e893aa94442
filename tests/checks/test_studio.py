"""./studio sets up once, repairs what was cut off, and passes words on.

Its Python is a stub here, which answers `-m venv` and `-m pip` by itself and is the real Python for
everything else: nothing is installed and no registry is asked.
"""

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="./studio is for Linux and macOS")

PYTHON = """#!/bin/sh
home={home}
case "$*" in
"-m venv --clear "*)
    mkdir -p "$4/bin" "$4/lib/python{version}/site-packages"
    ln -s "$home/bin/python3" "$4/bin/python"
    ;;
"-m pip --version") ;;
"-m pip install "*)
    echo "$*" >>"$home/installs"
    [ ! -e "$home/slow" ] || while [ -e "$home/slow" ]; do sleep 0.02; done
    [ ! -e "$home/no network" ] || exit 1
    for last in "$@"; do :; done
    folder=${{last%[[]test]}}
    printf '#!/bin/sh\\nprintf "<%%s>" fsamt "$@"\\n' >"$folder/.venv/bin/fsamt"
    chmod +x "$folder/.venv/bin/fsamt"
    ;;
"-m "* | *"main.py"*) echo "ran $*" ;;
*) exec {python} "$@" ;;
esac
"""

NOT_ROOT = "#!/bin/sh\necho 1000\n"


@dataclass
class Machine:
    """A made-up machine: a folder with the script, and a folder of programs that goes first."""

    home: Path
    root: Path

    def start(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.root / "studio", *words],
            env=self.environment(**environment),
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )

    def environment(self, **more: str) -> dict[str, str]:
        return {"PATH": f"{self.home / 'bin'}:/usr/bin:/bin", "HOME": str(self.home)} | more

    @property
    def n_installs(self) -> int:
        log = self.home / "installs"
        return len(log.read_text().splitlines()) if log.exists() else 0


def put_program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    root = tmp_path / "a folder"
    (tmp_path / "bin").mkdir()
    root.mkdir()
    shutil.copy2(REPOSITORY / "studio", root / "studio")
    (root / "pyproject.toml").write_text("[project]\n")
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    stub = PYTHON.format(home=tmp_path, version=version, python=sys.executable)
    put_program(tmp_path / "bin" / "python3", stub)
    put_program(tmp_path / "bin" / "id", NOT_ROOT)
    return Machine(tmp_path, root)


def test_any_word_is_passed_on_as_it_was_written(machine: Machine) -> None:
    done = machine.start("demo", "--library", "my library")
    assert (done.returncode, done.stdout) == (0, "<fsamt><demo><--library><my library>")


def test_second_start_sets_nothing_up_and_says_nothing(machine: Machine) -> None:
    machine.start("list")
    done = machine.start("list")
    assert (done.stdout, done.stderr) == ("<fsamt><list>", "")
    assert machine.n_installs == 1


def test_changed_project_file_is_installed_again(machine: Machine) -> None:
    machine.start("list")
    (machine.root / "pyproject.toml").write_text("[project]\nname = 'more'\n")
    machine.start("list")
    assert machine.n_installs == 2


def test_moved_folder_is_set_up_again(machine: Machine) -> None:
    machine.start("list")
    machine.root = machine.root.rename(machine.home / "elsewhere")
    assert machine.start("list").stdout == "<fsamt><list>"
    assert machine.n_installs == 2


def test_failed_set_up_says_so_and_the_next_start_goes_on(machine: Machine) -> None:
    (machine.home / "no network").touch()
    done = machine.start("list")
    assert done.returncode == 1
    assert "did not finish" in done.stderr.splitlines()[-1]
    (machine.home / "no network").unlink()
    assert machine.start("list").returncode == 0


def test_package_that_was_cut_off_is_removed_before_pip_goes_on(machine: Machine) -> None:
    machine.start("list")
    packages = next(machine.root.glob(".venv/lib/python*/site-packages"))
    for name in ("whole-1.dist-info", "cut_off-1.dist-info"):
        (packages / name).mkdir()
        (packages / name / "METADATA").touch()
    (packages / "whole-1.dist-info" / "INSTALLER").touch()
    (machine.root / ".venv" / "studio-stamp").unlink()
    machine.start("list")
    assert [path.name for path in packages.iterdir()] == ["whole-1.dist-info"]


def test_a_venv_of_the_user_is_kept_with_what_is_in_it(machine: Machine) -> None:
    stub = machine.home / "bin" / "python3"
    subprocess.run([stub, "-m", "venv", "--clear", machine.root / ".venv"], check=True)
    torch = next(machine.root.glob(".venv/lib/python*/site-packages")) / "torch"
    torch.mkdir()
    machine.start("list")
    assert torch.exists()


@pytest.mark.skipif(shutil.which("flock") is None, reason="no flock here")
def test_two_starts_at_once_set_up_once(machine: Machine) -> None:
    (machine.home / "slow").touch()
    command, environment = [machine.root / "studio", "list"], machine.environment()
    first = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 20
        while machine.n_installs == 0 and time.monotonic() < deadline:
            os.sched_yield()
        second = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
        assert second.stderr is not None
        assert b"waiting" in second.stderr.readline()
    finally:
        (machine.home / "slow").unlink()
    assert (first.wait(20), second.wait(20)) == (0, 0)
    for stream in (first.stdout, second.stderr):
        assert stream is not None
        stream.close()
    assert machine.n_installs == 1


def test_what_the_checks_need_is_added_once_and_kept(machine: Machine) -> None:
    machine.start("list")
    machine.start("test", QT_QPA_PLATFORM="offscreen")
    machine.start("list")
    installs = (machine.home / "installs").read_text().splitlines()
    assert [line.endswith("[test]") for line in installs] == [False, True]


def test_no_python_is_one_sentence(machine: Machine) -> None:
    for name in ("python3", "python", "python3.11", "python3.12", "python3.13"):
        put_program(machine.home / "bin" / name, "#!/bin/sh\nexit 127\n")
    done = machine.start("list")
    assert done.returncode == 1
    assert done.stderr.startswith("FSAMT Studio needs Python 3.11, 3.12 or 3.13")
    assert len(done.stderr.splitlines()) == 1


def test_a_named_python_that_does_not_suit_is_refused(machine: Machine) -> None:
    done = machine.start("list", STUDIO_PYTHON="/bin/true-not-there")
    assert done.returncode == 1
    assert done.stderr.startswith("STUDIO_PYTHON=/bin/true-not-there is no Python")


def test_window_without_a_screen_is_one_sentence_before_any_set_up(machine: Machine) -> None:
    done = machine.start()
    assert done.returncode == 1
    assert done.stderr.startswith("There is no screen here")
    assert len(done.stderr.splitlines()) == 1
    assert machine.n_installs == 0


def test_a_folder_with_a_library_is_opened_in_the_window(machine: Machine) -> None:
    library = machine.home / "my library"
    library.mkdir()
    (library / "library.db").touch()
    done = machine.start("my library")
    assert done.stderr.startswith("There is no screen here")
    done = machine.start("my library", QT_QPA_PLATFORM="offscreen")
    if "system libraries" in done.stderr:
        pytest.skip("Qt's system libraries are not installed")
    assert done.stdout == f"ran {machine.root}/main.py my library\n"


def test_help_sets_nothing_up(machine: Machine) -> None:
    done = machine.start("--help")
    assert done.returncode == 0
    assert "./studio test" in done.stdout
    assert machine.n_installs == 0


def test_checks_stop_at_the_first_that_fails(machine: Machine) -> None:
    stub = machine.home / "bin" / "python3"
    stub.write_text(stub.read_text().replace('"-m "*', '"-m ruff check"*) exit 3 ;;\n"-m "*'))
    done = machine.start("test")
    if "system libraries" in done.stderr:
        pytest.skip("Qt's system libraries are not installed")
    assert done.returncode != 0
    assert "== lint" in done.stdout
    assert "== types" not in done.stdout
