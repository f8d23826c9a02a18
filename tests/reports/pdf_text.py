"""What a reader sees of a PDF."""

from __future__ import annotations

import shutil
import subprocess

import pytest


def text_of(pdf: bytes) -> str:
    """Its words, with every kind of blank as one."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed (Debian: poppler-utils)")
    command = ["pdftotext", "-layout", "-", "-"]
    run = subprocess.run(command, input=pdf, capture_output=True, check=True)
    return " ".join(run.stdout.decode().split())
