"""The terminal: interactive, from a pipe, or one message."""
