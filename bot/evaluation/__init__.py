"""How good she is: held-out exchanges and probes through the product's own code, and the figures of it."""
