"""What differs between SQL dialects, and how a statement meant for another one is put right."""
