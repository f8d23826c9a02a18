"""Side-by-side figures: made-up captures with an exact truth; ringfence and its peers in a run."""
