"""What a person sees: the sentences, tables and charts of each report."""
