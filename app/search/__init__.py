"""How it is found: passages, two indexes, one ranking."""
