-- Lines whose quantity the PSA counts by itself, or that cannot be written for another reason: the reason in words.
ALTER TABLE psa_lines ADD COLUMN fixed TEXT;
