"""One module per command of `hailong`; each offers `command`, imported when it is asked for."""
