"""Tables with columns of any kind, as numbers: categories, text, dates and missing values, by a stored encoding."""
