-- What a vendor takes for one unit of a service, as its newest file says. least and most differ when its rows do.
-- currency: '' = not said, '*' = several.
CREATE TABLE service_costs (
	org_id TEXT NOT NULL,
	service_id TEXT NOT NULL,
	least BIGINT NOT NULL,
	most BIGINT NOT NULL,
	currency TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (org_id, service_id)
);

-- What a person says that a product costs; it goes before what vendors say.
CREATE TABLE product_costs (
	org_id TEXT NOT NULL,
	product_id TEXT NOT NULL,
	cost BIGINT NOT NULL,
	currency TEXT NOT NULL,
	set_by TEXT NOT NULL,
	set_at BIGINT NOT NULL,
	PRIMARY KEY (org_id, product_id)
);

-- Of a write that sets a cost (kinds set_cost, set_line_cost); its card_id is the id of the product.
ALTER TABLE writes ADD COLUMN currency TEXT;

CREATE INDEX psa_lines_by_product ON psa_lines (org_id, product_id);
CREATE INDEX service_products_by_product ON service_products (org_id, product_id);
