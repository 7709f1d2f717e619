// One card in full: units, where they come from, why this number, history, tags, notes, and what was decided and sent.
import { useMutation, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { all, ApiError, del, post, put } from "../../api/client";
import { client, useAlarms } from "../../api/hooks";
import { t, word } from "../../i18n";
import { ago, date, qty, time } from "../../lib/format";
import {
	Button,
	ButtonLink,
	Dialog,
	Empty,
	ErrorNotice,
	IconButton,
	Loading,
	Menu,
	MenuItem,
	Name,
	Notice,
	TextField,
	toastError,
} from "../../ui";
import { useActions } from "./actions";
import { type Decision, type FullCard, type Source, type Tag, useCard, useTags, withdraw, type Write } from "./data";
import {
	basisWord,
	canApprove,
	canConfirm,
	canDismiss,
	canReopen,
	ChangeMoney,
	ChangeUnits,
	isChange,
	KindChip,
	noContract,
	PsaUnits,
	ReconciledUnits,
	StateChip,
	ValueChip,
	ValueStateChip,
	VendorUnits,
} from "./parts";
import { Results, WriteChip, WriteUnits } from "./Results";
import "../../i18n/en/dashboard";
import "../../i18n/en/alarm";
import "../../i18n/en/decide";
import "../../i18n/en/worklist";
import "../../i18n/en/costs";

// The chart is drawn by a library of some size: it comes with the first chart.
const History = lazy(() => import("./History").then((m) => ({ default: m.History })));

/** One's own change shows at once, here and in the list. */
const reload = () => client.invalidateQueries({ queryKey: ["cards"] });

function Section({ title, children }: { title: string; children: React.ReactNode }) {
	return (
		<section className="detail-section">
			<h3>{title}</h3>
			{children}
		</section>
	);
}

function Units({ card }: { card: FullCard }) {
	return (
		<dl className="detail-units">
			<div>
				<dt>{t("cards.psa_units")}</dt>
				<dd>
					<PsaUnits card={card} />
				</dd>
			</div>
			<div>
				<dt>{t("cards.vendor_units")}</dt>
				<dd>
					<VendorUnits card={card} />
					<ValueChip card={card} />
				</dd>
			</div>
			<div>
				<dt>{t("cards.reconciled_units")}</dt>
				<dd>
					<ReconciledUnits card={card} />
				</dd>
			</div>
			<div>
				<dt>{t("cards.col.change")}</dt>
				<dd>
					<ChangeUnits card={card} /> <ChangeMoney card={card} />
				</dd>
			</div>
		</dl>
	);
}

function Sources({ sources }: { sources: Source[] }) {
	if (sources.length === 0) return <p className="muted">{t("details.no_sources")}</p>;
	return (
		<ul className="detail-list">
			{sources.map((s) => (
				<li key={`${s.integration} ${s.service.id} ${s.account.id}`}>
					<span className="grow">
						<Name className="strong">{s.integration_name}</Name>
						<Name className="small muted">
							{t("details.source", { service: s.service.name, account: s.account.name })}
						</Name>
						{s.split_over && (
							<span className="small muted">
								{t("details.split", { counted: qty(s.counted ?? ""), count: s.split_over })}
							</span>
						)}
					</span>
					<span className="number">
						<span className="units">{s.units === null ? "–" : qty(s.units)}</span>{" "}
						<ValueStateChip state={s.value_state} />
						<span className="small muted detail-when" title={time(s.observed_at)}>
							{s.observed_at ? ago(s.observed_at) : ""}
						</span>
					</span>
				</li>
			))}
		</ul>
	);
}

function WhySteps({ card }: { card: FullCard }) {
	if (card.why.length === 0) return <p className="muted">{t("details.no_why")}</p>;
	return (
		<ol className="why">
			{card.why.map((w, i) => (
				<li key={i}>
					<span className="strong">{word("details.step", w.step)}</span>
					<span className="why-text">{w.text}</span>
					<span className="units number">{w.out === null ? "–" : qty(w.out)}</span>
				</li>
			))}
		</ol>
	);
}

function Tags({ card }: { card: FullCard }) {
	const { mayDecide } = useActions();
	const tags = useTags();
	const [naming, setNaming] = useState(false);
	const [name, setName] = useState("");
	const set = useMutation({
		mutationFn: (list: string[]) => put(`/subjects/card/${encodeURIComponent(card.id)}/tags`, { tags: list }),
		onSuccess: () => reload(),
		onError: toastError,
	});
	const create = useMutation({
		mutationFn: async () => {
			const made = await post<Tag>("/tags", { name: name.trim() });
			await put(`/subjects/card/${encodeURIComponent(card.id)}/tags`, { tags: [...ids, made.id] });
		},
		onSuccess: async () => {
			setName("");
			setNaming(false);
			await Promise.all([reload(), client.invalidateQueries({ queryKey: ["tags"] })]);
		},
		onError: toastError,
	});
	const ids = card.tags.map((x) => x.id);
	return (
		<div className="stack-s">
			<div className="row wrap">
				{card.tags.map((x) => (
					<span key={x.id} className="tag">
						<Name>{x.name}</Name>
						{mayDecide && (
							<IconButton
								size="small"
								icon="x"
								label={t("details.remove_tag", { name: x.name })}
								onPress={() => set.mutate(ids.filter((id) => id !== x.id))}
							/>
						)}
					</span>
				))}
				{mayDecide && (
					<Menu
						aria-label={t("details.add_tag")}
						placement="bottom start"
						trigger={
							<Button size="small" icon="tag">
								{t("details.add_tag")}
							</Button>
						}
					>
						{(tags.data ?? [])
							.filter((x) => !ids.includes(x.id))
							.map((x) => (
								<MenuItem key={x.id} onAction={() => set.mutate([...ids, x.id])}>
									{x.name}
								</MenuItem>
							))}
						<MenuItem icon="plus" onAction={() => setNaming(true)}>
							{t("details.new_tag")}
						</MenuItem>
					</Menu>
				)}
			</div>
			{naming && (
				<div className="note-form">
					<TextField label={t("details.new_tag")} value={name} onChange={setName} maxLength={60} autoFocus />
					<Button onPress={() => create.mutate()} isPending={create.isPending} isDisabled={!name.trim()}>
						{t("action.save")}
					</Button>
				</div>
			)}
		</div>
	);
}

function Notes({ card }: { card: FullCard }) {
	const { mayDecide } = useActions();
	const [text, setText] = useState("");
	const add = useMutation({
		mutationFn: () => post(`/subjects/card/${encodeURIComponent(card.id)}/notes`, { note: text.trim() }),
		onSuccess: () => {
			setText("");
			return reload();
		},
		onError: toastError,
	});
	const remove = useMutation({
		mutationFn: (id: string) => del(`/notes/${encodeURIComponent(id)}`),
		onSuccess: () => reload(),
		onError: toastError,
	});
	return (
		<div className="stack-s">
			{card.notes.length === 0 && <p className="muted">{t("details.no_notes")}</p>}
			<ul className="detail-list">
				{card.notes.map((n) => (
					<li key={n.id}>
						<span className="grow note-text">
							{n.note}
							<span className="small muted detail-when">{t("details.by", { name: n.by, when: ago(n.at) })}</span>
						</span>
						{mayDecide && (
							<IconButton
								size="small"
								icon="trash"
								label={t("details.delete_note", { name: n.by })}
								onPress={() => remove.mutate(n.id)}
							/>
						)}
					</li>
				))}
			</ul>
			{mayDecide && (
				<div className="note-form">
					<TextField label={t("details.add_note")} multiline value={text} onChange={setText} maxLength={4000} />
					<Button onPress={() => add.mutate()} isPending={add.isPending} isDisabled={!text.trim()}>
						{t("details.save_note")}
					</Button>
				</div>
			)}
		</div>
	);
}

function WriteEntry({ w }: { w: Write }) {
	return (
		<li className="log-write">
			<div className="row between">
				<span className="row wrap">
					<WriteUnits write={w} />
					{w.effective_date && (
						<span className="small muted">{t("decide.from", { date: date(w.effective_date) })}</span>
					)}
				</span>
				<WriteChip write={w} />
			</div>
			{w.detail && <p className="small muted">{w.detail}</p>}
			<details>
				<summary className="small">{t("details.sent")}</summary>
				<pre className="code">{JSON.stringify(w.request, null, 2)}</pre>
			</details>
			{w.read_back !== null && (
				<details>
					<summary className="small">{t("details.read_back")}</summary>
					<pre className="code">{JSON.stringify(w.read_back, null, 2)}</pre>
				</details>
			)}
		</li>
	);
}

const useWritesOf = (card: string, enabled = true) =>
	useQuery({ queryKey: ["writes", "card", card], queryFn: () => all<Write>("/writes", { card }), enabled });

function Log({ card }: { card: FullCard }) {
	const [batch, setBatch] = useState<string | null>(null);
	const writes = useWritesOf(card.id);
	if (card.decisions.length === 0 && !writes.data?.length) return <p className="muted">{t("details.no_log")}</p>;
	const of = (d: Decision) => (writes.data ?? []).filter((w) => w.batch === d.batch);
	const known = new Set(card.decisions.map((d) => d.batch));
	const rest = (writes.data ?? []).filter((w) => !known.has(w.batch));
	return (
		<>
			<ol className="log">
				{card.decisions.map((d) => (
					<li key={d.id}>
						<div className="row between">
							<span>
								<span className="strong">{word("details.decision", d.kind)}</span>{" "}
								<span className="small muted">{t("details.by", { name: d.by, when: time(d.at) })}</span>
							</span>
							{of(d).length > 0 && (
								<Button size="small" variant="quiet" onPress={() => setBatch(d.batch)}>
									{t("decide.view_results")}
								</Button>
							)}
						</div>
						{d.note && <p className="small">{d.note}</p>}
						<ul>
							{of(d).map((w) => (
								<WriteEntry key={w.id} w={w} />
							))}
						</ul>
					</li>
				))}
				{rest.map((w) => (
					<li key={w.id}>
						<span className="strong">{t("write.state.rolled_back")}</span>{" "}
						<span className="small muted">{time(w.created_at)}</span>
						<ul>
							<WriteEntry w={w} />
						</ul>
					</li>
				))}
			</ol>
			{batch && <Results batch={batch} onClose={() => setBatch(null)} />}
		</>
	);
}

/** The first of two approvals, and the way to take it back. */
function FirstApproval({ card }: { card: FullCard }) {
	const { awaiting, mayDecide } = useActions();
	const first = awaiting.get(card.id);
	const back = useMutation({ mutationFn: () => withdraw(card.id), onSuccess: reload, onError: toastError });
	if (!first) return null;
	return (
		<Notice
			tone="warn"
			action={
				mayDecide && (
					<Button size="small" onPress={() => back.mutate()} isPending={back.isPending}>
						{t("details.withdraw")}
					</Button>
				)
			}
		>
			{t("details.awaiting", { name: first.asked_by, when: ago(first.asked_at), quantity: qty(first.quantity ?? "") })}
		</Notice>
	);
}

const WAITS: Write["state"][] = ["planned", "sending"];

/** The alarm that this card has a part in, and the way to it. */
function AlarmOf({ card }: { card: FullCard }) {
	const alarms = useAlarms().data ?? [];
	const writes = useWritesOf(card.id, alarms.length > 0).data ?? [];
	const about: Record<string, boolean> = {
		unknown_outcomes: writes.some((w) => w.state === "unknown"),
		outbox_age: writes.some((w) => WAITS.includes(w.state)),
		sync_age: card.line_id !== null,
	};
	return alarms
		.filter((a) => about[a.name])
		.map((a) => (
			<Notice
				key={a.name}
				tone="bad"
				title={word("alarm", a.name)}
				action={
					<ButtonLink size="small" href="/sync">
						{t("alarms.card")}
					</ButtonLink>
				}
			>
				{a.detail}
			</Notice>
		));
}

function Body({ card }: { card: FullCard }) {
	return (
		<div className="details">
			{card.state_why && <Notice tone={card.state === "open" ? "warn" : "neutral"}>{card.state_why}</Notice>}
			<FirstApproval card={card} />
			<AlarmOf card={card} />
			<Units card={card} />
			<div className="row wrap details-links">
				<ButtonLink size="small" variant="quiet" href={`/?account=${encodeURIComponent(card.account.id)}&state=all`}>
					{t("details.filter_account")}
				</ButtonLink>
				<ButtonLink size="small" variant="quiet" href={`/?product=${encodeURIComponent(card.product.id)}&state=all`}>
					{t("details.filter_product")}
				</ButtonLink>
			</div>
			{card.choices.length > 0 && card.kind !== "new_revenue" && (
				<Section title={t("details.choices")}>
					<ul className="detail-list">
						{card.choices.map((c) => (
							<li key={c.line_id ?? c.contract.id}>
								<Name className="grow">{c.contract.name}</Name>
								<span className="units">{c.quantity === null ? "" : qty(c.quantity)}</span>
							</li>
						))}
					</ul>
				</Section>
			)}
			<Section title={t("details.sources")}>
				<Sources sources={card.sources} />
			</Section>
			<Section title={t("details.why")}>
				<WhySteps card={card} />
			</Section>
			<Section title={t("details.history")}>
				<Suspense fallback={<Loading rows={2} />}>
					<History card={card} />
				</Suspense>
			</Section>
			<Section title={t("details.tags")}>
				<Tags card={card} />
			</Section>
			<Section title={t("details.notes")}>
				<Notes card={card} />
			</Section>
			<Section title={t("details.log")}>
				<Log card={card} />
			</Section>
		</div>
	);
}

export function Details({ id, onClose }: { id: string; onClose: () => void }) {
	const { approve, dismiss, confirm, reopen, mayDecide } = useActions();
	const query = useCard(id);
	const card = query.data;
	const gone = query.error instanceof ApiError && query.error.status === 404;
	return (
		<Dialog
			title={card ? card.account.name : t("cards.details")}
			header={
				card && (
					<div className="detail-head">
						<Name>{card.product.name}</Name>
						<Name className="small muted">
							{[card.product.code, card.contract?.name ?? noContract(card), basisWord(card)]
								.filter(Boolean)
								.join(" · ")}
						</Name>
						<span className="row">
							<KindChip card={card} />
							<StateChip card={card} />
							<span className="small muted" title={time(card.updated_at)}>
								{t("card.updated", { when: ago(card.updated_at) })}
							</span>
						</span>
					</div>
				)
			}
			isOpen
			onClose={onClose}
			drawer
			footer={
				card &&
				mayDecide && (
					<>
						{canReopen(card) && <Button onPress={() => reopen([card])}>{t("cards.reopen")}</Button>}
						{canDismiss(card) && <Button onPress={() => dismiss([card])}>{t("cards.dismiss")}</Button>}
						{canConfirm(card) && (
							<Button variant="primary" onPress={() => confirm([card])}>
								{t("cards.confirm")}
							</Button>
						)}
						{(canApprove(card) || (card.state === "open" && card.line_id)) && !canConfirm(card) && (
							<Button variant="primary" onPress={() => approve([card])}>
								{isChange(card) ? t("cards.approve") : t("details.set_quantity")}
							</Button>
						)}
					</>
				)
			}
		>
			{gone ? (
				<Empty icon="info" title={t("details.not_found")}>
					{t("details.not_found_text")}
				</Empty>
			) : query.error ? (
				<ErrorNotice error={query.error} onRetry={() => query.refetch()} />
			) : card ? (
				<Body card={card} />
			) : (
				<Loading rows={6} />
			)}
		</Dialog>
	);
}
