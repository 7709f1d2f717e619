-- What the vendor says a service counts (users, devices; NULL = it does not say). A mapping's own unit_basis goes before it.
ALTER TABLE services ADD COLUMN told_basis TEXT;
