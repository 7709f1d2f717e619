// Costs: what the PSA's catalogue says beside what vendors take, and writing the vendor's into the PSA.
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { client, useCan, usePsa, usePsaWords } from "../../api/hooks";
import { t } from "../../i18n";
import { ago, integer, money, qty, sign } from "../../lib/format";
import { setQuery, usePlace } from "../../lib/router";
import {
	Button,
	ButtonLink,
	Checkbox,
	Chip,
	cx,
	Empty,
	ErrorNotice,
	ExportMenu,
	Loading,
	Name,
	Notice,
	PageHead,
	SearchField,
	Select,
	toast,
	toastError,
} from "../../ui";
import { Results } from "../dashboard/Results";
import { Views } from "../dashboard/Views";
import { Approve } from "./Approve";
import { type Cost, give, SHOWS, type Show, useCosts } from "./data";
import "../dashboard/dashboard.css";
import "../../i18n/en/costs";
import "./costs.css";

const WAIT_MS = 220;
const DECIMAL = /^\d+([.,]\d+)?$/;
const again = () => client.invalidateQueries({ queryKey: ["cards"] });
const canWrite = (c: Cost) => c.state === "differs";

/** What is typed goes into the address when the typing rests. */
function Search() {
	const { query } = usePlace();
	const asked = query.get("q") ?? "";
	const [typed, setTyped] = useState(asked);
	useEffect(() => setTyped(asked), [asked]);
	useEffect(() => {
		if (typed === asked) return;
		const timer = setTimeout(() => setQuery({ q: typed }), WAIT_MS);
		return () => clearTimeout(timer);
	}, [typed, asked]);
	return <SearchField label={t("costs.search")} value={typed} onChange={setTyped} className="filter-search" />;
}

function From({ cost }: { cost: Cost }) {
	const from = cost.vendor_cost_from;
	if (cost.vendor_cost_why) return <span className="small muted">{cost.vendor_cost_why}</span>;
	if (!from) return null;
	return (
		<span className="small muted">
			{from.kind === "hand"
				? t("costs.by_hand", { name: from.by ?? "", when: ago(from.at) })
				: t("costs.by_file", { when: ago(from.at) })}
		</span>
	);
}

/** As it is typed: at least two decimals, no marks between thousands, the reader's own point. */
function plain(cost: string) {
	const [whole, part = ""] = cost.split(".");
	return `${whole}${qty("0.5").charAt(1)}${part.padEnd(2, "0")}`;
}

/** Saved with Enter or when it is left; Escape brings back what was there, and an empty field what vendors say. */
function VendorCost({ cost, mayEdit }: { cost: Cost; mayEdit: boolean }) {
	const known = cost.vendor_cost === null ? "" : plain(cost.vendor_cost);
	const [typed, setTyped] = useState<string | null>(null);
	const value = typed ?? known;
	const bad = typed !== null && typed.trim() !== "" && !DECIMAL.test(typed.trim());
	const save = useMutation({
		mutationFn: (to: string | null) => give(cost.id, to),
		onSuccess: async () => {
			toast(t("action.saved"));
			await again();
			setTyped(null);
		},
		onError: toastError,
	});
	if (!mayEdit)
		return (
			<span className="costs-vendor">
				<span>{cost.vendor_cost === null ? "–" : money(cost.vendor_cost, cost.currency)}</span>
				<From cost={cost} />
			</span>
		);
	const leave = () => {
		if (typed === null || bad || save.isPending) return;
		if (typed.trim() === known) return setTyped(null);
		save.mutate(typed.trim() === "" ? null : typed.trim().replace(",", "."));
	};
	return (
		<span className="costs-vendor">
			<span className="costs-field">
				<input
					className="input"
					inputMode="decimal"
					aria-label={t("costs.vendor_of", { name: cost.name })}
					aria-invalid={bad}
					placeholder="–"
					value={value}
					disabled={cost.state === "waiting"}
					onChange={(e) => setTyped(e.target.value)}
					onBlur={leave}
					onKeyDown={(e) => {
						if (e.key === "Enter") leave();
						if (e.key === "Escape") setTyped(null);
					}}
				/>
				<span className="small muted">{cost.currency}</span>
			</span>
			{bad ? <span className="field-error">{t("costs.bad")}</span> : <From cost={cost} />}
		</span>
	);
}

function State({ cost }: { cost: Cost }) {
	if (cost.state === "waiting") return <Chip tone="accent">{t("costs.state.waiting")}</Chip>;
	if (cost.last && cost.last.not_written > 0)
		return (
			<Chip tone="bad" title={cost.last.detail ?? ""}>
				{t("costs.not_written", { count: cost.last.not_written })}
			</Chip>
		);
	if (cost.state === "same") return <Chip tone="good">{t("costs.state.same")}</Chip>;
	if (cost.state === "hidden") return <Chip tone="warn">{t("costs.state.hidden")}</Chip>;
	return null;
}

type RowProps = {
	cost: Cost;
	mayEdit: boolean;
	mayApprove: boolean;
	chosen: boolean;
	onToggle: () => void;
	onApprove: () => void;
};

function Row({ cost, mayEdit, mayApprove, chosen, onToggle, onApprove }: RowProps) {
	const label = (key: "contracts" | "catalogue" | "vendor" | "change") => (
		<span className="costs-label">{t(`costs.${key}`)}</span>
	);
	return (
		<tr className={cx(chosen && "costs-chosen")}>
			{mayApprove && (
				<td className="costs-check">
					<Checkbox
						aria-label={t("worklist.select", { name: cost.name })}
						isSelected={chosen}
						isDisabled={!canWrite(cost)}
						onChange={onToggle}
					/>
				</td>
			)}
			<td className="costs-product">
				<Name className="strong">{cost.name}</Name>
				<Name className="small muted">{cost.code}</Name>
			</td>
			<td className="number">
				{label("contracts")}
				{integer(cost.contracts)}
			</td>
			<td className="number">
				{label("catalogue")}
				{cost.catalogue_cost === null ? "–" : money(cost.catalogue_cost, cost.currency)}
			</td>
			<td>
				{label("vendor")}
				<VendorCost cost={cost} mayEdit={mayEdit} />
			</td>
			<td className="number">
				{label("change")}
				<span className={cx(sign(cost.change) > 0 && "down", sign(cost.change) < 0 && "up")}>
					{cost.change === null ? "–" : money(cost.change, cost.currency, { sign: true })}
				</span>
				{cost.lines_differ > 0 && (
					<span className="small muted costs-lines">{t("costs.lines_differ", { count: cost.lines_differ })}</span>
				)}
			</td>
			<td className="costs-action">
				<State cost={cost} />
				{mayApprove && canWrite(cost) && (
					<Button size="small" onPress={onApprove} aria-label={t("costs.approve_of", { name: cost.name })}>
						{t("cards.approve")}
					</Button>
				)}
			</td>
		</tr>
	);
}

function Table({ rows, onApprove }: { rows: Cost[]; onApprove: (of: Cost[]) => void }) {
	const can = useCan();
	const psa = usePsaWords();
	const mayApprove = can.approve && !!psa?.can.costs;
	const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
	const open = rows.filter(canWrite);
	const selected = open.filter((c) => chosen.has(c.id));
	const toggle = (id: string) => {
		const next = new Set(chosen);
		if (!next.delete(id)) next.add(id);
		choose(next);
	};
	return (
		<>
			{mayApprove && (
				<div className="row between wrap">
					<Checkbox
						isSelected={open.length > 0 && selected.length === open.length}
						isIndeterminate={selected.length > 0 && selected.length < open.length}
						isDisabled={open.length === 0}
						onChange={(on) => choose(new Set(on ? open.map((c) => c.id) : []))}
					>
						{t("worklist.select_all")}
					</Checkbox>
					<Button variant="primary" icon="check" onPress={() => onApprove(selected)} isDisabled={selected.length === 0}>
						{t("decide.submit", { count: Math.max(1, selected.length) })}
					</Button>
				</div>
			)}
			<div className="table-box">
				<table className="table costs">
					<thead>
						<tr>
							{mayApprove && (
								<th>
									<span className="visually-hidden">{t("worklist.select_all")}</span>
								</th>
							)}
							<th>{t("costs.product")}</th>
							<th className="number">{t("costs.contracts")}</th>
							<th className="number">{t("costs.catalogue")}</th>
							<th>{t("costs.vendor")}</th>
							<th className="number">{t("costs.change")}</th>
							<th>
								<span className="visually-hidden">{t("costs.action")}</span>
							</th>
						</tr>
					</thead>
					<tbody>
						{rows.map((c) => (
							<Row
								key={c.id}
								cost={c}
								mayEdit={can.approve}
								mayApprove={mayApprove}
								chosen={chosen.has(c.id)}
								onToggle={() => toggle(c.id)}
								onApprove={() => onApprove([c])}
							/>
						))}
					</tbody>
				</table>
			</div>
		</>
	);
}

function Nothing({ show, filtered }: { show: Show; filtered: boolean }) {
	if (filtered)
		return (
			<Empty icon="search" title={t("costs.none_fit")}>
				{t("costs.none_fit_text")}
			</Empty>
		);
	if (show === "differs")
		return (
			<Empty
				icon="check"
				title={t("costs.none_differ")}
				action={<Button onPress={() => setQuery({ show: "used" })}>{t("costs.show_used")}</Button>}
			>
				{t("costs.none_differ_text")}
			</Empty>
		);
	return <Empty icon="list" title={t("costs.none")} />;
}

const showOf = (asked: string | null): Show => (SHOWS.find((s) => s === asked) as Show | undefined) ?? "differs";

export function Costs() {
	const { query } = usePlace();
	const q = query.get("q") ?? "";
	const show = showOf(query.get("show"));
	const psa = usePsa();
	const kind = usePsaWords();
	const list = useCosts(q, show);
	const [approving, setApproving] = useState<Cost[] | null>(null);
	const [results, setResults] = useState<string | null>(null);
	const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
	const error = psa.error ?? list.error;
	return (
		<div className="page">
			<Views here="/costs" />
			<PageHead
				title={t("costs.title")}
				text={t("costs.text")}
				actions={
					<ExportMenu
						size="medium"
						label={t("costs.export")}
						files={[{ title: t("costs.title"), path: "/costs", query: { q, show: show === "all" ? null : show } }]}
					/>
				}
			/>
			<div className="stack">
				{kind && !kind.can.costs && (
					<Notice title={t("costs.not_by_api", { psa: kind.name })}>{t("costs.not_by_api_text")}</Notice>
				)}
				{kind?.can.costs && !kind.can.line_costs && <Notice>{t("costs.no_lines", { psa: kind.name })}</Notice>}
				<div className="filters">
					<Search />
					<Select
						label={t("costs.show")}
						inline
						value={show}
						onChange={(s) => setQuery({ show: s === "differs" ? null : s })}
						options={SHOWS.map((id) => ({ id, label: t(`costs.show.${id}`) }))}
					/>
				</div>
				{error ? (
					<ErrorNotice error={error} onRetry={() => Promise.all([psa.refetch(), list.refetch()])} />
				) : psa.data === null ? (
					<Empty
						icon="plug"
						title={t("costs.no_psa")}
						action={<ButtonLink href="/settings/psa">{t("costs.connect_psa")}</ButtonLink>}
					/>
				) : !list.data ? (
					<Loading rows={8} />
				) : rows.length === 0 ? (
					<Nothing show={show} filtered={q !== ""} />
				) : (
					<Table rows={rows} onApprove={setApproving} />
				)}
				{list.hasNextPage && (
					<Button onPress={() => list.fetchNextPage()} isPending={list.isFetchingNextPage}>
						{t("costs.more")}
					</Button>
				)}
			</div>
			{approving && (
				<Approve
					costs={approving}
					onClose={() => setApproving(null)}
					onDone={(batch) => {
						setApproving(null);
						setResults(batch);
					}}
				/>
			)}
			{results && (
				<Results
					key={results}
					batch={results}
					onClose={() => {
						setResults(null);
						void again();
					}}
				/>
			)}
		</div>
	);
}
