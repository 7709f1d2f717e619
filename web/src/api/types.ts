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
export type Me = { role: Role; organization: Organization; user?: User };

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
	can: { decimals: boolean; effective_date: boolean; add_line: boolean; tickets: boolean };
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
export type Job = {
	id: string;
	kind: string;
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
