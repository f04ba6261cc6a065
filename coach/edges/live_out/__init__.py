"""Live out: what a run measures, told to other programs while it goes on."""
