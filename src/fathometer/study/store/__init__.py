"""What a study keeps in its folder: a journal of outcomes, arrays, one table, and what the study is."""
