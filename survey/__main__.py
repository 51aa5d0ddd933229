"""`python -m survey` is the command `hailong`."""

from survey.cli import main

main()
