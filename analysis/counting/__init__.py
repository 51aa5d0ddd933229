"""What one query reduces the responses to: the aggregate expressions, for every engine."""
