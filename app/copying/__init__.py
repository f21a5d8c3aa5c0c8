"""Copying: a class taken up again in the next term, with its readings, codebook, groups and chosen annotations."""
