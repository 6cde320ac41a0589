"""One module for each command; see :mod:`bot.cli`."""
