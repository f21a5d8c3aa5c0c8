"""What Postil costs: each piece of work measured beside its floor, the same work with nothing around it."""
