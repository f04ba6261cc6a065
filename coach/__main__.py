"""`python -m coach` is the console script `coach`."""

from coach.cli import main

main()
