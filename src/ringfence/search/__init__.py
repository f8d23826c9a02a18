"""Messages to those that are asked for; and their columns, written to other formats."""
