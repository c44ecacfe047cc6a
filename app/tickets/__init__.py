"""How a person is asked: the trail, the ticket, its delivery."""
