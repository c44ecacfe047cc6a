"""How agents work: who they are, what they may use, and how they sign in."""
