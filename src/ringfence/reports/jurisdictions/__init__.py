"""Which police takes the report of which victim: facts as tables, each with how sure it is."""
