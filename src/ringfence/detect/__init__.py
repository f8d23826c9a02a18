"""Messages to profiles, clues and verdicts; no input or output, the clock is an argument."""
