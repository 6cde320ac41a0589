"""Where people are. Knows core and the library of its platform; never db, models or bot."""
