"""The same plan for the machines in front of the phone system, one file each."""
