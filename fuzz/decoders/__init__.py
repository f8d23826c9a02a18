"""The harnesses, one module each; `fuzz.harness.NAMES` lists them."""
