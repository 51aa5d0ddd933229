"""Setting an office up: from what somebody filled in to an office that is there as a whole."""
