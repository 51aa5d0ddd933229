"""What may be published: the rule of publication and the published document."""
