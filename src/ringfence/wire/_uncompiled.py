"""Stand-in for the `cython` module where a kernel runs interpreted."""

from __future__ import annotations

import contextlib

compiled = False
nogil = contextlib.nullcontext()
gil = contextlib.nullcontext()
