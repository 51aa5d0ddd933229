"""Pages over HTTP. Citizens' and staff pages share no blueprint, session or template folder."""
