"""What is read from a running project: board, evidence, moves, misses, risks, earned value, the client's report."""
