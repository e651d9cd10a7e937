"""Find differences between two exchanges: fields, normalisation rules, expectations."""
