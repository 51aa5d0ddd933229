"""The re-check (phúc tra): completed dossiers drawn at random, and somebody asks how it went."""
