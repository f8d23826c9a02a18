"""What decoders find odd: the closed set is one of the words, see `model/anomaly.py`."""

from __future__ import annotations

from ringfence.model.anomaly import INFORMATIVE, NONE, Anomaly

__all__ = ["INFORMATIVE", "NONE", "Anomaly"]
