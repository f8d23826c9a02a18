"""How an alarm is worded, and how it gets to people and to other machines."""
