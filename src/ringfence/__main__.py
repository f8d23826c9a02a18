"""`python -m ringfence`."""

from ringfence.cli.main import run

run()
