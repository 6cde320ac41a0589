"""Charts and cards as PNG pictures, drawn from facts of the core; blocking, for a thread."""
