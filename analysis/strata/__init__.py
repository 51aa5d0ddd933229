"""Which answers make up each row: questionnaires pooled, offices and sectors joined, months."""
