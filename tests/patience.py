"""How long a test waits for what must come.

Only a test that fails waits this long: the limit tells "never" from "late", and a shared machine may be
several times slower than the one at hand.
"""

PATIENCE_S = 60.0
