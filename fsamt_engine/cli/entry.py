"""The way in and the ways out: every error becomes a sentence, a hint and an exit code."""

import errno
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from fsamt_engine import __version__
from fsamt_engine.cli.actions import actions
from fsamt_engine.cli.capture import cameras, record
from fsamt_engine.cli.composing import compose
from fsamt_engine.cli.detecting import detect
from fsamt_engine.cli.exchange import labels
from fsamt_engine.cli.experiments import demo, experiment
from fsamt_engine.cli.export import export
from fsamt_engine.cli.finetuning import compare, finetune, report
from fsamt_engine.cli.importing import import_
from fsamt_engine.cli.labelling import health, suggest
from fsamt_engine.cli.libraries import library, simulate
from fsamt_engine.cli.models import evaluate, models
from fsamt_engine.cli.options import examples
from fsamt_engine.cli.organising import history, redo, undo
from fsamt_engine.cli.recognise import recognise
from fsamt_engine.cli.runs import runs
from fsamt_engine.cli.trainings import teacher, transfer
from fsamt_engine.errors import Cancelled, FsamtError

BUG, BAD_INPUT, STOPPED = 1, 2, 130
"""Exit codes; 0 is success. 130 is what a shell gives for Ctrl-C."""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "fsamt demo                               # the whole way on simulated takes",
        "fsamt library create my-library          # then: fsamt import, or fsamt simulate",
        "fsamt experiment classification --help   # what the transfer is worth on your data",
    ),
)
@click.version_option(__version__, prog_name="fsamt")
def fsamt() -> None:
    """Recognise actions from depth alone, after a few labels.

    A teacher learns source actions from RGB or flow; a student learns on unlabelled pairs to see
    in depth what the teacher sees; it is finetuned on a few labels of the actions that you want.
    """


for command in (
    library,
    import_,
    simulate,
    compose,
    cameras,
    record,
    actions,
    labels,
    undo,
    redo,
    history,
    teacher,
    transfer,
    health,
    suggest,
    finetune,
    evaluate,
    compare,
    report,
    models,
    detect,
    recognise,
    export,
    runs,
    experiment,
    demo,
):
    fsamt.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: Without the program's name; by default those of the process.

    Returns:
        The exit code: 0, 2 for bad input or environment, 130 when stopped, 1 for a bug.
    """
    _quieten()
    try:
        fsamt.main(arguments, prog_name="fsamt", standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except FsamtError as error:
        return _say(error.message, error.hint)
    except (Cancelled, KeyboardInterrupt, click.Abort):
        from fsamt_engine.library.processes import is_first

        if is_first():
            click.echo("Stopped. Nothing done so far is lost: the same command goes on.", err=True)
        return STOPPED
    except OSError as error:
        explained = _explained(error)
        return _say(*explained) if explained else _bug(error)
    except Exception as error:  # noqa: BLE001 - a bug, too, ends with a sentence
        return _bug(error)
    return 0


def _say(message: str, hint: str) -> int:
    click.echo(f"Error: {message}", err=True)
    if hint:
        click.echo(f"Hint: {hint}", err=True)
    return BAD_INPUT


def _explained(error: OSError) -> tuple[str, str] | None:
    """What a person can do something about, though no room of the engine has put it in words."""
    place = error.filename or "a file"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full; what is unfinished was not kept.", (
            "Free some space (a library's cache folder may be deleted), then run the command again."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{place} may not be read or written.", "Change its rights, or use another place."
    return None


def _bug(error: Exception) -> int:
    folder = Path(click.get_app_dir("fsamt-studio")) / "errors"
    log = folder / f"{datetime.now():%Y%m%d-%H%M%S}.log"
    details = "".join(traceback.format_exception(error))
    command = " ".join(sys.argv)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log.write_text(f"fsamt {__version__}\n{command}\n\n{details}", encoding="utf-8")
        where = f"The details are in {log}; please send them with a report."
    except OSError:
        where = details
    click.echo(f"Error: fsamt has a bug and stopped ({type(error).__name__}).", err=True)
    click.echo(where, err=True)
    return BUG


def _quieten() -> None:
    """Keep what libraries say to programmers from users; warnings of our own stay."""
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
    if not sys.warnoptions:
        warnings.filterwarnings("ignore", module=r"(torch|torchvision|numpy|cv2|av)\b")
        warnings.formatwarning = lambda message, *_, **__: f"Note: {message}\n"
