"""What may leave: the rule of publication and the published document."""
