// Bodies of /api/v1 as the UI reads them. Decimals are texts; times RFC 3339; days YYYY-MM-DD.

export type Role = "viewer" | "approver" | "admin";
export type Named = { id: string; name: string };

export type User = {
	id: string;
	email: string;
	name: string;
	role: Role;
	state: "active" | "invited" | "disabled";
	created_at: string;
};
export type Organization = { id: string; name: string; currency: string };
/** `demo`: the organization holds sample data. */
export type Me = { role: Role; organization: Organization; demo: boolean; user?: User };

export type Setting = {
	name: string;
	label: string;
	type: string;
	secret: boolean;
	required: boolean;
	default: string | null;
	help: string | null;
	choices?: string[];
};
export type PsaKind = {
	kind: string;
	name: string;
	settings: Setting[];
	words: { account: string; contract: string; line: string; product: string };
	can: {
		decimals: boolean;
		effective_date: boolean;
		add_line: boolean;
		tickets: boolean;
		costs: boolean;
		line_costs: boolean;
	};
};
export type Psa = {
	kind: string;
	name: string;
	settings: Record<string, string>;
	secrets_stored: boolean;
	state: "configured" | "ok" | "error";
	detail: string | null;
	configured_at: string | null;
	synced_at: string | null;
	full_synced_at: string | null;
};
export type Check = { name: string; ok: boolean; detail: string | null };

export type JobState = "queued" | "running" | "done" | "failed";
/** What needs a person, as long as it lasts. */
export type Alarm = { name: string; since: string; detail: string };

export type Job = {
	id: string;
	kind: string;
	/** Whose, when it is one integration's. */
	integration: string | null;
	state: JobState;
	progress: { done: number; total: number; phase: string | null };
	error: string | null;
	result?: unknown;
	created_by?: string | null;
	created_at?: string;
	started_at?: string | null;
	finished_at?: string | null;
};

export type IntegrationState = "inactive" | "pending" | "active" | "disabled" | "error";
export type Part = { total: number; mapped: number; excluded: number; unmapped: number };
export type Integration = {
	id: string;
	vendor: string;
	vendor_name: string;
	connects: string;
	name: string;
	description: string;
	modules: string[];
	portal_url: string | null;
	support_url: string | null;
	state: IntegrationState;
	state_detail: string | null;
	schedule: string;
	stale_after_hours: number;
	strict404: boolean;
	last_count_at: string | null;
	last_synced_at: string | null;
	created_at: string;
	finished_at?: string | null;
	disconnected_at: string | null;
	token_created_at: string | null;
	/** Of one that is fetched from; empty when the vendor sends. */
	settings: Record<string, string>;
	secrets_set: string[];
	/** Until when they hold; null when nobody said. */
	credentials: { expire: string; days_left: number; warning: string | null } | null;
	accounts: Part;
	services: Part;
	coverage: {
		pairs: number;
		known: number;
		zero: number;
		stale: number;
		accounts: number;
		accounts_reporting: number;
		accounts_missing: number;
		complete_at: string | null;
		gaps: { account: string; name: string; reason: string }[];
	} | null;
};
export type Vendor = {
	id: string;
	name: string;
	description: string;
	products: string[];
	modules: string[];
	portal_url: string | null;
	connects: string;
	how: string;
	settings: Setting[];
};

export type MapStatus = "mapped" | "unmapped" | "excluded";
export type Origin = { how: "exact" | "person" | string | null; by: string | null; at: string | null };
type MapItem = {
	id: string;
	vendor_id: string;
	name: string;
	description: string;
	is_active: boolean;
	detect_new_revenue: boolean;
};
export type AccountSuggestion = { psa_account_id: string; name: string; score: number; why: string };
export type VendorAccount = MapItem & {
	mapping: {
		status: MapStatus;
		psa_account_id: string | null;
		psa_account: { id: string; name: string; remote_id: string } | null;
	} & Origin;
	suggestions: AccountSuggestion[];
};
export type ProductSuggestion = { product_id: string; name: string; code: string; score: number; why: string };
export type ProductRef = { id: string; code: string; name: string };
export type UnitBasis = "users" | "devices";
export type MapMode = "copy" | "split";
export type VendorService = MapItem & {
	kind: string;
	category: string | null;
	subcategory: string | null;
	/** What the vendor says it counts; a mapping's own goes before it. */
	unit_basis: UnitBasis | null;
	mapping: {
		status: MapStatus;
		product_ids: string[];
		products: ProductRef[];
		mode: MapMode | null;
		unit_basis: UnitBasis | null;
	} & Origin;
	suggestions: ProductSuggestion[];
};
export type PsaAccount = {
	id: string;
	remote_id: string;
	code: string | null;
	name: string;
	status: string | null;
	domain: string | null;
	contracts: number;
};
export type PsaProduct = {
	id: string;
	remote_id: string;
	code: string;
	name: string;
	class: string | null;
	unit: string | null;
	price: string | null;
	inactive: boolean;
	serialized: boolean;
};
