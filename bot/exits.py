"""Exit codes of the commands, after sysexits.h, so that scripts can tell failures apart."""

from typing import Final

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 64
BAD_INPUT: Final = 65
UNREACHABLE: Final = 69
CANNOT_CREATE: Final = 73
CONFIG: Final = 78
INTERRUPTED: Final = 130
