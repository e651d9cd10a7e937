"""What differs between two exchanges: fields, normalisation rules, expectations."""
