"""Files of single answers and of dossier counts for the office's own analyst."""
