"""The product: collects answers, keeps them, shows what they say. Joins the other packages."""
