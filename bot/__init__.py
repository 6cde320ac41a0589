"""The application: command line, settings, wiring, lifetimes, logs. May know everything."""
