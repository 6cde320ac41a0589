"""What lasts: engine, tables, stores. Knows core, SQLAlchemy and numpy only."""
