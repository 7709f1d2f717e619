// The Integrations tab: every vendor as a card, with what is connected to it and the next step.
import { useMemo, useState } from "react";
import type { Integration, Vendor } from "../../api/types";
import { useCan } from "../../api/hooks";
import { type Key, t } from "../../i18n";
import { ago } from "../../lib/format";
import { setQuery, usePlace } from "../../lib/router";
import {
	Button,
	ButtonLink,
	Chip,
	Empty,
	ErrorNotice,
	Loading,
	Name,
	PageHead,
	SearchField,
	Select,
	type Tone,
} from "../../ui";
import { Configure } from "./Configure";
import { Connect } from "./Connect";
import { useIntegrations, useVendors } from "./data";
import { keyEnds } from "./keyEnds";
import { IntegrationLogo, VendorLogo } from "./VendorLogo";
import { Wizard } from "./Wizard";
import "../../i18n/en/integrations";
import "../../i18n/en/setup";
import "../../i18n/en/sync";
import "../../i18n/en/settings";
import "../../i18n/en/switch";
import "../../i18n/en/mapping";
import "./integrations.css";

type Entry = { vendor: Vendor; integration: Integration | null };
type Stage = "ready" | "setup" | "active" | "error";

const stageOf = (i: Integration | null): Stage =>
	!i ? "ready" : i.state === "error" ? "error" : !i.finished_at || i.state !== "active" ? "setup" : "active";

const TONE: Record<Stage, Tone> = { ready: "neutral", setup: "warn", active: "good", error: "bad" };
const ORDER: Record<Stage, number> = { error: 0, setup: 1, active: 2, ready: 3 };
const FILTERS = ["all", "connected", "setup", "ready"] as const;
type Filter = (typeof FILTERS)[number];

const passes = (stage: Stage, filter: Filter) =>
	filter === "all" || filter === stage || (filter === "connected" && (stage === "active" || stage === "error"));

function entriesOf(vendors: Vendor[], integrations: Integration[]): Entry[] {
	const live = integrations.filter((i) => !i.disconnected_at);
	return vendors
		.flatMap((vendor): Entry[] => {
			const mine = live.filter((i) => i.vendor === vendor.id);
			return mine.length ? mine.map((integration) => ({ vendor, integration })) : [{ vendor, integration: null }];
		})
		.filter((e) => e.integration || e.vendor.id !== "custom")
		.sort((a, b) => ORDER[stageOf(a.integration)] - ORDER[stageOf(b.integration)]);
}

function Action({ entry, onConnect }: { entry: Entry; onConnect: () => void }) {
	const can = useCan();
	const { integration: i, vendor } = entry;
	const stage = stageOf(i);
	const label = (action: Key) => t("integrations.label", { vendor: i?.name ?? vendor.name, action: t(action) });
	if (!i)
		return (
			<Button
				variant="primary"
				onPress={onConnect}
				isDisabled={!can.administer}
				aria-label={label("integrations.connect")}
			>
				{t("integrations.connect")}
			</Button>
		);
	const href = `/integrations/${encodeURIComponent(i.id)}`;
	if (stage === "setup" && !i.finished_at)
		return (
			<ButtonLink variant="primary" href={`${href}/setup`} aria-label={label("integrations.continue")}>
				{t("integrations.continue")}
			</ButtonLink>
		);
	return (
		<ButtonLink href={href} aria-label={label("integrations.configure")}>
			{t("integrations.configure")}
		</ButtonLink>
	);
}

function Card({ entry, onConnect }: { entry: Entry; onConnect: () => void }) {
	const can = useCan();
	const { vendor, integration: i } = entry;
	const stage = stageOf(i);
	return (
		<li className="vendor-card">
			<div className="vendor-head">
				{i ? <IntegrationLogo of={i} /> : <VendorLogo id={vendor.id} name={vendor.name} />}
				<div className="grow">
					<h2>
						<Name>{i?.name ?? vendor.name}</Name>
					</h2>
					<p className="small muted vendor-products">{vendor.products.join(" | ") || vendor.description}</p>
				</div>
			</div>
			<div className="vendor-facts">
				<Chip tone={TONE[stage]}>
					{t(stage === "error" ? "integration.state.error" : `integration.state.${stage}`)}
				</Chip>
				{i && stage !== "setup" && (
					<span className="small muted">
						{i.last_count_at
							? t("integrations.last_count", { when: ago(i.last_count_at) })
							: t("integrations.no_count")}
					</span>
				)}
				{i && i.accounts.unmapped > 0 && (
					<Chip tone="warn">{t("integrations.unmapped", { count: i.accounts.unmapped })}</Chip>
				)}
			</div>
			{i?.credentials?.warning && (
				<p className={i.credentials.days_left < 0 ? "small down" : "small"}>{keyEnds(i.name, i.credentials)}</p>
			)}
			{i?.state_detail && stage === "error" && <p className="small down">{i.state_detail}</p>}
			<div className="vendor-action">
				<Action entry={entry} onConnect={onConnect} />
				{i && can.administer && (
					<Button variant="quiet" size="small" icon="plus" onPress={onConnect}>
						{t("integrations.connect_another")}
					</Button>
				)}
			</div>
		</li>
	);
}

function List() {
	const can = useCan();
	const { query } = usePlace();
	const vendors = useVendors();
	const integrations = useIntegrations();
	const [connecting, setConnecting] = useState<Vendor | null>(null);
	const q = query.get("q") ?? "";
	const filter = (query.get("show") ?? "all") as Filter;
	const entries = useMemo(
		() => entriesOf(vendors.data ?? [], integrations.data ?? []),
		[vendors.data, integrations.data],
	);
	const needle = q.toLocaleLowerCase();
	const shown = entries.filter(
		(e) =>
			passes(stageOf(e.integration), filter) &&
			`${e.vendor.name} ${e.integration?.name ?? ""} ${e.vendor.products.join(" ")}`
				.toLocaleLowerCase()
				.includes(needle),
	);
	const custom = vendors.data?.find((v) => v.id === "custom");
	const error = vendors.error ?? integrations.error;
	const customButton = custom && can.administer && (
		<Button icon="plus" onPress={() => setConnecting(custom)}>
			{t("integrations.custom")}
		</Button>
	);
	const fileButton = (
		<ButtonLink icon="upload" href="/imports">
			{t("integrations.files")}
		</ButtonLink>
	);
	return (
		<div className="page">
			<PageHead
				title={t("integrations.title")}
				text={t("integrations.text")}
				actions={
					<>
						{fileButton}
						{customButton}
					</>
				}
			/>
			<div className="vendor-filters">
				<SearchField label={t("integrations.search")} value={q} onChange={(v) => setQuery({ q: v })} className="grow" />
				<Select
					label={t("integrations.filter")}
					inline
					value={filter}
					onChange={(v) => setQuery({ show: v === "all" ? null : v })}
					options={FILTERS.map((id) => ({ id, label: t(`integrations.filter.${id}`) }))}
				/>
			</div>
			{error ? (
				<ErrorNotice error={error} onRetry={() => Promise.all([vendors.refetch(), integrations.refetch()])} />
			) : !vendors.data || !integrations.data ? (
				<Loading rows={6} className="vendor-loading" />
			) : shown.length === 0 ? (
				<Empty icon="plug" title={t("integrations.none_found")} action={customButton}>
					{t("integrations.none_found_text")}
				</Empty>
			) : (
				<ul className="vendor-grid">
					{shown.map((e) => (
						<Card key={e.integration?.id ?? e.vendor.id} entry={e} onConnect={() => setConnecting(e.vendor)} />
					))}
				</ul>
			)}
			{connecting && <Connect vendor={connecting} onClose={() => setConnecting(null)} />}
		</div>
	);
}

export function Integrations() {
	const { parts } = usePlace();
	const id = parts[1];
	if (!id) return <List />;
	return parts[2] === "setup" ? <Wizard key={id} id={id} /> : <Configure key={id} id={id} />;
}
