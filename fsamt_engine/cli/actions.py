"""The actions of a library, from a terminal."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fsamt_engine.cli.console import show_table
from fsamt_engine.cli.options import examples, json_option, library_option, open_library

if TYPE_CHECKING:
    from fsamt_engine.library import Action


@click.group()
def actions() -> None:
    """Name what is recognised: add, change and merge actions. `fsamt undo` takes it back."""


@actions.command("list", epilog=examples("fsamt actions list --library my-library"))
@library_option
@json_option
def list_(folder: Path, as_json: bool) -> None:
    """List the actions, and how many labels of each there are by participant."""
    from fsamt_engine.library.labels import actions, label_counts

    with open_library(folder) as opened:
        found, counts = actions(opened), label_counts(opened)
    if as_json:
        content = [asdict(one) | {"participants": counts[one.name]} for one in found]
        click.echo(json.dumps(content, indent=1))
    elif found:
        rows = [_row(one, counts[one.name]) for one in found]
        show_table(("action", "key", "colour", "labels", "participants", "description"), rows)
    else:
        click.echo("There are no actions yet.")


@actions.command(
    epilog=examples('fsamt actions add wave --description "one hand, above the shoulder"')
)
@click.argument("name")
@library_option
@click.option("--description", default="", help="What counts as this action, and what does not.")
@click.option("--colour", default="", metavar="#RRGGBB", help="By default the next free one.")
@click.option("--key", default="", help="The key that gives it; by default the next free one.")
def add(name: str, folder: Path, description: str, colour: str, key: str) -> None:
    """Add an action. "background" is for intervals in which nothing of interest happens."""
    from fsamt_engine.library.labels import add_action

    with open_library(folder) as opened:
        _tell(add_action(opened, name, description, colour, key))


@actions.command(epilog=examples("fsamt actions change wave --name greet --library my-library"))
@click.argument("name")
@library_option
@click.option("--name", "new_name", help="Another name; its labels keep to it.")
@click.option("--description")
@click.option("--colour", metavar="#RRGGBB")
@click.option("--key", help="Empty for none.")
def change(
    name: str,
    folder: Path,
    new_name: str | None,
    description: str | None,
    colour: str | None,
    key: str | None,
) -> None:
    """Change an action. Models that are there keep the name that they learned."""
    from fsamt_engine.library.labels import change_action

    with open_library(folder) as opened:
        _tell(
            change_action(
                opened, name, new_name=new_name, description=description, colour=colour, key=key
            )
        )


@actions.command(epilog=examples("fsamt actions merge hi hello --into wave --library my-library"))
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@library_option
@click.option("--into", required=True, help="The action that remains.")
def merge(names: tuple[str, ...], folder: Path, into: str) -> None:
    """Make one action of several."""
    from fsamt_engine.library.labels import merge_actions

    with open_library(folder) as opened:
        _tell(merge_actions(opened, names, into))


@actions.command(epilog=examples("fsamt actions remove wave --library my-library"))
@click.argument("name")
@library_option
def remove(name: str, folder: Path) -> None:
    """Remove an action and its labels."""
    from fsamt_engine.library.labels import remove_action

    with open_library(folder) as opened:
        n_labels = remove_action(opened, name)
    click.echo(f"Removed {name} and its labels ({n_labels}); `fsamt undo` brings them back.")


def _row(action: "Action", counts: dict[str, int]) -> tuple[str, str, str, int, int, str]:
    marks = (action.key, action.colour)
    return action.name, *marks, action.n_segments, len(counts), action.description


def _tell(action: "Action") -> None:
    key = f"key {action.key}" if action.key else "no key"
    click.echo(f"{action.name}: {action.n_segments} labels, {key}, {action.colour}")
