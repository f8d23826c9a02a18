"""Entry point. `--version` answers before anything heavy is imported."""

from __future__ import annotations

import gc
import sys

# Imports and tables of bounded size make many objects and hardly a ring of them: looking
# for rings after every 700 objects, as Python does, is a fifth of a short run.
_OBJECTS_BETWEEN_COLLECTIONS = 50_000


def run() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        from ringfence import __version__

        print(f"ringfence {__version__}")  # noqa: T201  the fast path has no console object
        return
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    from ringfence.cli.app import app

    # A terminal may not know every character of an account's name: escapes, no error.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    app()


if __name__ == "__main__":
    run()
