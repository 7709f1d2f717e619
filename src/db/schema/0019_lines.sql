-- Rows of a file are added up in memory; nothing is staged any more.
DROP TABLE import_lines;
