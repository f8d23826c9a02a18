"""The only SQL: cases in SQLite, or in PostgreSQL where several machines share them."""
