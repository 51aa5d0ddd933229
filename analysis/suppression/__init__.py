"""What may leave: cells of few people, and everything that would give them away."""
