"""How it gets better: what readers said, and what solved their problem."""
