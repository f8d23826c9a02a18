"""Verdicts to cases: names, states, the hand that returns. No input or output, no clock."""
