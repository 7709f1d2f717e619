// The log of every change, newest first, with what was before and after.
import { keepPreviousData, useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-aria-components";
import { get, type Page } from "../../api/client";
import { type Key, t, word } from "../../i18n";
import { time } from "../../lib/format";
import { setQuery, usePlace } from "../../lib/router";
import {
	Button,
	DateField,
	Dialog,
	Empty,
	ErrorNotice,
	ExportMenu,
	Facts,
	Loading,
	Name,
	Notice,
	PageHead,
	Select,
} from "../../ui";
import "../../i18n/en/activity";
import "../../i18n/en/events";
import "./activity.css";

type Entry = {
	seq: number;
	at: string;
	actor: string;
	event: string;
	object: string | null;
	/** What it is called now; null where it is gone or has no name. */
	object_name: string | null;
	before: unknown;
	after: unknown;
	why: string | null;
	request_id: string | null;
	hash: string;
};
type Verdict = { ok: boolean; rows: number; broken_at: number | null };

const KINDS = ["all", "cards", "writes", "mapping", "integration", "psa", "user", "settings"] as const;
const PAGE = 100;

const pretty = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

function Value({ title, value }: { title: string; value: unknown }) {
	if (value === null || value === undefined) return null;
	return (
		<section className="stack-s">
			<h3>{title}</h3>
			<pre className="code">{pretty(value)}</pre>
		</section>
	);
}

/** Where an object of the log is looked at, by the word it begins with. */
const PLACES: [RegExp, (id: string, name: string) => string][] = [
	[/(?:^| )card (\w+)/, (id) => `/?state=all&card=${id}`],
	[/^batch (\w+)/, () => "/?state=approved"],
	[/^integration (\w+)/, (id) => `/integrations/${id}`],
	[/^(?:vendor )?account (\w+)/, (_, name) => `/mapping?q=${encodeURIComponent(name)}`],
	[/^service (\w+)/, (_, name) => `/mapping?tab=services&q=${encodeURIComponent(name)}`],
	[/(?:^| )product (\w+)/, (_, name) => `/costs?show=all&q=${encodeURIComponent(name)}`],
	[/^import (\w+)/, (id) => `/imports/${id}`],
	[/^user (\w+)/, () => "/settings/people"],
	[/^token (\w+)/, () => "/settings/tokens"],
	[/^approval rule (\w+)/, () => "/settings/approvals"],
];

/** What a row is about: its name, as a link where there is a page for it. An id is nothing to read. */
function On({ entry, className = "" }: { entry: Entry; className?: string }) {
	const { object, object_name: name } = entry;
	// Nothing but the address that was called, or "session", "organization": the event says the same.
	if (!object || object.startsWith("/api/") || (!name && /^[a-z -]+$/.test(object))) return null;
	const kind = /^[a-z ]+(?= [0-9a-f]{16,})/.exec(object)?.[0];
	if (!name)
		return (
			<Name className={className}>{kind ? t("activity.gone", { kind: word("activity.object", kind) }) : object}</Name>
		);
	for (const [pattern, href] of PLACES) {
		const id = pattern.exec(object)?.[1];
		if (id)
			return (
				<Link href={href(id, name)} className={className}>
					<Name>{name}</Name>
				</Link>
			);
	}
	return <Name className={className}>{name}</Name>;
}

function Details({ entry, onClose }: { entry: Entry; onClose: () => void }) {
	return (
		<Dialog title={word("event", entry.event)} isOpen onClose={onClose} drawer>
			<div className="stack">
				<Facts
					items={[
						[t("activity.when"), time(entry.at)],
						[t("activity.who"), <Name key="who">{entry.actor}</Name>],
						[t("activity.on"), <On key="on" entry={entry} />],
						[t("activity.object"), <code key="object">{entry.object ?? "–"}</code>],
						[t("activity.why"), entry.why ?? "–"],
						[t("activity.row", { row: entry.seq }), <code key="hash">{entry.hash}</code>],
					]}
				/>
				<Value title={t("activity.before")} value={entry.before} />
				<Value title={t("activity.after")} value={entry.after} />
			</div>
		</Dialog>
	);
}

function Verify() {
	const check = useMutation({ mutationFn: () => get<Verdict>("/audit/verify") });
	return {
		button: (
			<Button icon="key" onPress={() => check.mutate()} isPending={check.isPending}>
				{t("activity.verify")}
			</Button>
		),
		result: check.error ? (
			<ErrorNotice error={check.error} />
		) : check.data ? (
			<Notice tone={check.data.ok ? "good" : "bad"} live>
				{check.data.ok
					? t("activity.verify_ok", { count: check.data.rows })
					: t("activity.verify_bad", { row: check.data.broken_at ?? 0 })}
			</Notice>
		) : null,
	};
}

export function Activity() {
	const { query } = usePlace();
	const kind = query.get("kind") ?? "all";
	const from = query.get("from") ?? "";
	const to = query.get("to") ?? "";
	const [open, setOpen] = useState<Entry | null>(null);
	const verify = Verify();
	const filters = { event: kind === "all" ? null : `${kind}.`, from, to: to && `${to}T23:59:59Z` };
	const list = useInfiniteQuery({
		queryKey: ["audit", kind, from, to],
		queryFn: ({ pageParam, signal }) =>
			get<Page<Entry>>("/audit", { ...filters, limit: PAGE, cursor: pageParam }, signal),
		initialPageParam: null as string | null,
		getNextPageParam: (p) => p.next_cursor,
		placeholderData: keepPreviousData,
	});
	const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
	return (
		<div className="page">
			<PageHead
				title={t("activity.title")}
				text={t("activity.text")}
				actions={
					<>
						{verify.button}
						<ExportMenu
							size="medium"
							label={t("activity.export")}
							files={[
								{ title: t("activity.title"), path: "/audit", query: filters },
								{ title: t("activity.writes"), path: "/writes" },
							]}
						/>
					</>
				}
			/>
			<div className="stack">
				{verify.result}
				<div className="activity-filters">
					<Select
						label={t("activity.kind")}
						value={kind}
						onChange={(k) => setQuery({ kind: k === "all" ? null : k })}
						options={KINDS.map((k) => ({ id: k as string, label: t(`activity.kind_${k}` as Key) }))}
					/>
					<DateField label={t("activity.from")} value={from} onChange={(v) => setQuery({ from: v })} />
					<DateField label={t("activity.to")} value={to} onChange={(v) => setQuery({ to: v })} />
				</div>
				{list.error && <ErrorNotice error={list.error} onRetry={() => list.refetch()} />}
				{list.isPending && <Loading rows={8} />}
				{list.data && rows.length === 0 && (
					<Empty icon="activity" title={t("activity.empty")}>
						{t("activity.empty_text")}
					</Empty>
				)}
				{rows.length > 0 && (
					<div className="table-box">
						<table className="table activity-table">
							<thead>
								<tr>
									<th>{t("activity.when")}</th>
									<th>{t("activity.who")}</th>
									<th>{t("activity.what")}</th>
									<th>{t("activity.why")}</th>
									<th>
										<span className="visually-hidden">{t("activity.details")}</span>
									</th>
								</tr>
							</thead>
							<tbody>
								{rows.map((e) => (
									<tr key={e.seq}>
										<td className="activity-when">{time(e.at)}</td>
										<td>
											<Name className="activity-who">{e.actor}</Name>
										</td>
										<td>
											<span className="strong">{word("event", e.event)}</span>
											<On entry={e} className="small muted activity-on" />
										</td>
										<td className="activity-why">{e.why}</td>
										<td className="number">
											<Button size="small" variant="quiet" onPress={() => setOpen(e)}>
												{t("activity.details")}
											</Button>
										</td>
									</tr>
								))}
							</tbody>
						</table>
					</div>
				)}
				{list.hasNextPage && (
					<div className="row">
						<Button onPress={() => list.fetchNextPage()} isPending={list.isFetchingNextPage}>
							{t("action.load_more")}
						</Button>
					</div>
				)}
			</div>
			{open && <Details entry={open} onClose={() => setOpen(null)} />}
		</div>
	);
}
