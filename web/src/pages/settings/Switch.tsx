// From one PSA to another: what of the old one is still named, what it became, and moving it after a person looked.
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { ListBox, ListBoxItem } from "react-aria-components";
import { get, type Page, post } from "../../api/client";
import { client, useJob, usePsa, usePsaWords } from "../../api/hooks";
import { t } from "../../i18n";
import {
	Button,
	ButtonLink,
	Checkbox,
	Chip,
	cx,
	Dialog,
	Empty,
	ErrorNotice,
	Icon,
	Loading,
	Name,
	Notice,
	Panel,
	Progress,
	SearchField,
	toast,
} from "../../ui";
import "./switch.css";

const WHATS = ["account", "product", "contract"] as const;
type What = (typeof WHATS)[number];
/** `account`: whose it is, of a contract. */
type Thing = { id: string; name: string; code: string; account?: string };
type Pair = {
	from: Thing;
	to: Thing | null;
	by: "code" | "name" | "domain" | "similar" | null;
	sure: boolean;
	uses: { mappings: number; rules: number; overrides: number; tags: number };
};
type Plan = Record<`${What}s`, Pair[]> & { sure: number; unsure: number; unmatched: number };

/** What the person said of one: the new one, and whether it moves now. */
type Said = { to?: Thing; on?: boolean };
type Row = Pair & { what: What; on: boolean; owner: string | null; picked: boolean };

const KEY = ["psa", "switch"];
/** Rows drawn at once; a search finds the rest. */
/** So many rows are drawn as they are; more of them scroll in a box. */
const FEW = 100;
/** Their usual height; each is measured. */
const ROW = 57;
const FOUND = 50;

export const usePlan = (enabled = true) =>
	useQuery({ queryKey: KEY, queryFn: () => get<Plan>("/psa/switch"), enabled });

export const waiting = (plan: Plan | undefined) => (plan ? plan.sure + plan.unsure + plan.unmatched : 0);

function rowsOf(plan: Plan, said: Record<string, Said>): Row[] {
	const now = new Map<string, string | null>();
	const row = (what: What, owner: string | null) => (p: Pair) => {
		const mine = said[p.from.id];
		// A contract that was found with another customer than the one chosen is none of his.
		const found = what === "contract" && p.to && p.to.account !== owner ? null : p.to;
		const to = mine?.to ?? found;
		const kept = what !== "contract" || !to || to.account === undefined || to.account === owner ? to : null;
		return { ...p, what, owner, to: kept, on: kept !== null && (mine?.on ?? p.sure), picked: mine?.to !== undefined };
	};
	const accounts = plan.accounts.map(row("account", null));
	for (const a of accounts) now.set(a.from.id, a.to?.id ?? null);
	return [
		...accounts,
		...plan.products.map(row("product", null)),
		...plan.contracts.map((p) => {
			const was = p.from.account ?? "";
			return row("contract", now.has(was) ? (now.get(was) ?? null) : was)(p);
		}),
	];
}

function Choose({ row, onPick, onClose }: { row: Row; onPick: (to: Thing) => void; onClose: () => void }) {
	const [q, setQ] = useState("");
	const account = row.what === "contract" ? row.owner : null;
	const found = useQuery({
		queryKey: ["psa", `${row.what}s`, "search", q, account],
		queryFn: ({ signal }) => get<Page<Thing>>(`/psa/${row.what}s`, { q, account, limit: FOUND }, signal),
		placeholderData: keepPreviousData,
	});
	return (
		<Dialog title={t("switch.choose", { name: row.from.name })} isOpen onClose={onClose}>
			<div className="stack-s">
				<SearchField label={t("switch.search_new")} value={q} onChange={setQ} autoFocus />
				{found.error ? (
					<ErrorNotice error={found.error} onRetry={() => found.refetch()} />
				) : !found.data ? (
					<Loading rows={4} />
				) : (
					<ListBox
						aria-label={t("switch.new_ones")}
						className="pick-list switch-choices"
						items={found.data.items}
						onAction={(key) => {
							const to = found.data.items.find((i) => i.id === key);
							if (to) onPick({ id: to.id, name: to.name, code: to.code ?? "", ...(account ? { account } : {}) });
						}}
						renderEmptyState={() => <p className="muted">{t("switch.none_found")}</p>}
					>
						{(i) => (
							<ListBoxItem id={i.id} textValue={i.name} className="pick-item">
								<Name className="strong">{i.name}</Name>
								{i.code && <Name className="small muted">{i.code}</Name>}
							</ListBoxItem>
						)}
					</ListBox>
				)}
				{found.data?.next_cursor && <p className="small muted">{t("cards.filter.more")}</p>}
			</div>
		</Dialog>
	);
}

function usesOf({ uses }: Pair) {
	const words = (["mappings", "rules", "overrides", "tags"] as const)
		.filter((k) => uses[k] > 0)
		.map((k) => t(`switch.uses_${k}`, { count: uses[k] }));
	return words.join(" · ");
}

/** Where a row of a long list is drawn. */
type Place = { index: number; of: number; start: number; ref: (e: HTMLElement | null) => void };

const placed = (p: Place) => ({
	ref: p.ref,
	"data-index": p.index,
	"aria-posinset": p.index + 1,
	"aria-setsize": p.of,
	style: { transform: `translateY(${p.start}px)` },
});

function Line({ row, onSay, place }: { row: Row; onSay: (said: Said) => void; place?: Place }) {
	const [choosing, setChoosing] = useState(false);
	const choosable = row.what !== "contract" || row.owner !== null;
	return (
		<li className={cx("switch-row", place && "switch-placed")} {...(place && placed(place))}>
			<Checkbox
				isSelected={row.on}
				isDisabled={!row.to}
				onChange={(on) => onSay({ on })}
				aria-label={t("switch.move_one", { name: row.from.name })}
			/>
			<span className="switch-side">
				<Name className="strong">{row.from.name}</Name>
				<span className="small muted">{[row.from.code, usesOf(row)].filter(Boolean).join(" · ")}</span>
			</span>
			<Icon name="right" size={16} className="switch-arrow" />
			<span className="switch-side">
				{row.to ? (
					<>
						<Name className="strong">{row.to.name}</Name>
						<span className="small muted">
							{[row.to.code, row.picked ? t("switch.by_person") : row.by && t(`switch.by_${row.by}`)]
								.filter(Boolean)
								.join(" · ")}
						</span>
					</>
				) : (
					<span className="muted">{choosable ? t("switch.nothing") : t("switch.customer_first")}</span>
				)}
			</span>
			<Button
				size="small"
				onPress={() => setChoosing(true)}
				isDisabled={!choosable}
				aria-label={`${row.to ? t("switch.change") : t("switch.pick")}: ${row.from.name}`}
			>
				{row.to ? t("switch.change") : t("switch.pick")}
			</Button>
			{choosing && (
				<Choose
					row={row}
					onClose={() => setChoosing(false)}
					onPick={(to) => {
						setChoosing(false);
						onSay({ to, on: true });
					}}
				/>
			)}
		</li>
	);
}

/** Only the rows that are seen are drawn, and the one that has the focus. */
function LongList({ rows, onSay }: { rows: Row[]; onSay: (ids: string[], said: Said) => void }) {
	const box = useRef<HTMLDivElement>(null);
	const [focused, setFocused] = useState(-1);
	const virtual = useVirtualizer({
		count: rows.length,
		getScrollElement: () => box.current,
		estimateSize: () => ROW,
		getItemKey: (i) => rows[i]?.from.id ?? i,
		overscan: 8,
		rangeExtractor: (range) => {
			const seen = defaultRangeExtractor(range);
			const kept = focused >= 0 && focused < rows.length && !seen.includes(focused);
			return kept ? [...seen, focused].sort((a, b) => a - b) : seen;
		},
	});
	return (
		<div className="switch-long" ref={box}>
			<ul
				className="switch-rows"
				style={{ height: virtual.getTotalSize() }}
				onFocus={(e) => {
					const at = e.target.closest<HTMLElement>("[data-index]")?.dataset.index;
					if (at !== undefined) setFocused(Number(at));
				}}
			>
				{virtual.getVirtualItems().map(({ index, start, key }) => {
					const row = rows[index];
					const place = { index, of: rows.length, start, ref: virtual.measureElement };
					return row && <Line key={key} row={row} onSay={(s) => onSay([row.from.id], s)} place={place} />;
				})}
			</ul>
		</div>
	);
}

function Group({
	title,
	text,
	rows,
	onSay,
}: {
	title: string;
	text: string;
	rows: Row[];
	onSay: (ids: string[], said: Said) => void;
}) {
	if (rows.length === 0) return null;
	const on = rows.filter((r) => r.on).length;
	const can = rows.filter((r) => r.to).length;
	const all = (yes: boolean) => {
		onSay(
			rows.filter((r) => r.to && r.on !== yes).map((r) => r.from.id),
			{ on: yes },
		);
	};
	return (
		<div className="switch-group">
			<div className="row wrap">
				<div className="grow">
					<h3>
						{title} <Chip>{rows.length}</Chip>
					</h3>
					<p className="small muted">{text}</p>
				</div>
				{can > 0 && (
					<Button size="small" onPress={() => all(on < can)}>
						{on < can ? t("switch.take_all", { count: can }) : t("switch.leave_all")}
					</Button>
				)}
			</div>
			{rows.length > FEW ? (
				<LongList rows={rows} onSay={onSay} />
			) : (
				<ul className="switch-rows">
					{rows.map((r) => (
						<Line key={r.from.id} row={r} onSay={(s) => onSay([r.from.id], s)} />
					))}
				</ul>
			)}
		</div>
	);
}

const within = (r: Row, q: string) =>
	`${r.from.name} ${r.from.code} ${r.to?.name ?? ""} ${r.to?.code ?? ""}`.toLowerCase().includes(q.toLowerCase());

/** Settings > PSA > what the new one knows as what. */
export function SwitchReview() {
	const plan = usePlan();
	const words = usePsaWords();
	const [said, setSaid] = useState<Record<string, Said>>({});
	const [q, setQ] = useState("");
	const rows = useMemo(() => (plan.data ? rowsOf(plan.data, said) : []), [plan.data, said]);
	const pairs = rows.flatMap((r) => (r.on && r.to ? [{ what: r.what, from: r.from.id, to: r.to.id }] : []));
	const move = useMutation({
		mutationFn: () => post<{ moved: number }>("/psa/switch", { pairs }),
		onSuccess: async ({ moved }) => {
			setSaid({});
			toast(t("switch.moved", { count: moved }));
			await client.invalidateQueries();
		},
	});
	const back = (
		<ButtonLink href="/settings/psa" icon="left">
			{t("settings.tab.psa")}
		</ButtonLink>
	);
	const say = (ids: string[], s: Said) =>
		setSaid((all) => ({ ...all, ...Object.fromEntries(ids.map((id) => [id, { ...all[id], ...s }])) }));
	const name = words?.name ?? t("settings.tab.psa");
	if (plan.error) return <ErrorNotice error={plan.error} onRetry={() => plan.refetch()} />;
	if (!plan.data)
		return (
			<Panel title={t("switch.title", { name })}>
				<Loading rows={6} />
			</Panel>
		);
	if (rows.length === 0)
		return (
			<Panel title={t("switch.title", { name })} actions={back}>
				<Empty
					icon="check"
					title={move.data ? t("switch.moved", { count: move.data.moved }) : t("switch.none")}
					action={
						<ButtonLink variant="primary" href="/">
							{t("nav.dashboard")}
						</ButtonLink>
					}
				>
					{move.data ? t("switch.done_text") : t("switch.none_text")}
				</Empty>
			</Panel>
		);
	return (
		<Panel title={t("switch.title", { name })} text={t("switch.text")} actions={back}>
			<div className="stack">
				{move.data && (
					<Notice tone="good" title={t("switch.moved", { count: move.data.moved })} live>
						{t("switch.rest_text")}
					</Notice>
				)}
				{rows.length > 10 && <SearchField label={t("switch.search")} value={q} onChange={setQ} />}
				{WHATS.map((what) => {
					const mine = rows.filter((r) => r.what === what && (q === "" || within(r, q)));
					if (mine.length === 0) return null;
					const parts = {
						unsure: mine.filter((r) => !r.sure && r.by !== null),
						none: mine.filter((r) => !r.sure && r.by === null),
						sure: mine.filter((r) => r.sure),
					};
					return (
						<section key={what} className="switch-what" aria-label={t(`switch.${what}s`)}>
							<h2>{t(`switch.${what}s`)}</h2>
							{(["unsure", "none", "sure"] as const).map((part) => (
								<Group
									key={part}
									title={t(`switch.part_${part}`)}
									text={t(`switch.part_${part}_text`)}
									rows={parts[part]}
									onSay={say}
								/>
							))}
						</section>
					);
				})}
				{move.error && <ErrorNotice error={move.error} />}
				<div className="row wrap switch-end">
					<Button
						variant="primary"
						onPress={() => move.mutate()}
						isPending={move.isPending}
						isDisabled={pairs.length === 0}
						aria-describedby="switch-rest"
					>
						{t("switch.move", { count: pairs.length })}
					</Button>
					<span id="switch-rest" className="grow muted" role="status">
						{pairs.length < rows.length && t("switch.waits", { count: rows.length - pairs.length })}
					</span>
				</div>
			</div>
		</Panel>
	);
}

/** On Settings > PSA: the first reading of one that was just connected, and what waits for review. */
export function SwitchPanel() {
	const psa = usePsa().data;
	const [job, setJob] = useState<string | null>(null);
	const at = useJob(job).data;
	const running = job !== null && at?.state !== "done" && at?.state !== "failed";
	// What was read last was another PSA's as long as this one was not read whole.
	// A report is read when it is brought.
	const unread = psa != null && psa.full_synced_at === null && psa.state !== "error" && psa.kind !== "files";
	const plan = usePlan(psa != null && !running);
	const read = useMutation({
		mutationFn: () => post<{ job: string }>("/psa/sync", { mode: "full" }),
		onSuccess: (r) => setJob(r.job),
	});
	const ended = at?.state === "done" ? job : null;
	const [told, setTold] = useState<string | null>(null);
	if (ended && told !== ended) {
		setTold(ended);
		client.invalidateQueries({ queryKey: ["psa"] });
	}
	const count = waiting(plan.data);
	if (!running && !unread && count === 0 && at?.state !== "failed" && !read.error) return null;
	return (
		<Panel title={t("switch.panel")} text={unread || running ? t("switch.read_text") : t("switch.panel_text")}>
			<div className="stack">
				{(read.error || at?.state === "failed") && (
					<ErrorNotice error={read.error ?? new Error(at?.error ?? "")} onRetry={() => read.mutate()} />
				)}
				{running ? (
					<Progress
						label={at?.progress.phase ?? t("settings.psa_started")}
						value={at?.progress.done ?? 0}
						max={at?.progress.total ?? 0}
					/>
				) : unread ? (
					<div className="row">
						<Button variant="primary" icon="sync" onPress={() => read.mutate()} isPending={read.isPending}>
							{t("switch.read")}
						</Button>
					</div>
				) : (
					count > 0 && (
						<div className="row wrap">
							<ButtonLink variant="primary" href="/settings/psa/switch">
								{t("switch.review")}
							</ButtonLink>
							<span className="grow muted">{t("switch.waiting", { count })}</span>
						</div>
					)
				)}
			</div>
		</Panel>
	);
}
