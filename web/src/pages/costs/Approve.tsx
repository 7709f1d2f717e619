// Approving costs: every write before anything is sent.
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usePsaWords } from "../../api/hooks";
import { t } from "../../i18n";
import { money } from "../../lib/format";
import { Button, Dialog, ErrorNotice, Icon, Loading, Name, Notice, Select, TextField } from "../../ui";
import { Some } from "../dashboard/Some";
import { type Ask, approve, type Cost, type CostWrite, LINES, type Lines, type Preview, preview } from "./data";

const placeOf = (w: { account: string | null; contract: string | null }) =>
	w.account ? [w.account, w.contract].filter(Boolean).join(" · ") : t("costs.catalogue");

function FromTo({ write, currency }: { write: CostWrite; currency: string }) {
	return (
		<span className="effect-units">
			<span className="muted">{money(write.before, currency)}</span>
			<Icon name="arrow" size={14} />
			<span className="strong">{money(write.after, currency)}</span>
		</span>
	);
}

function Writes({ p }: { p: Preview }) {
	const lines = p.writes.filter((w) => w.what === "line").length;
	return (
		<details className="effect-calls">
			<summary className="small">
				{[
					t("decide.now"),
					lines > 0 && t("costs.lines", { count: lines }),
					t("decide.calls", { count: p.writes.length }),
				]
					.filter(Boolean)
					.join(" · ")}
			</summary>
			<Some items={p.writes} className="effects">
				{(w) => (
					<li key={w.line_id ?? ""} className="effect">
						<div className="effect-row">
							<Name className="grow">{placeOf(w)}</Name>
							<FromTo write={w} currency={p.currency} />
						</div>
						{w.calls.map((c) => (
							<pre
								key={c.path}
								className="code"
							>{`${c.method} ${c.path}${c.body ? `\n${JSON.stringify(c.body)}` : ""}`}</pre>
						))}
					</li>
				)}
			</Some>
		</details>
	);
}

function Effect({ p }: { p: Preview }) {
	const first = p.writes[0];
	return (
		<li className="effect">
			<div className="effect-row">
				<span className="grow">
					<Name className="strong">{p.name ?? p.id}</Name>
					<Name className="small muted">{p.code ?? ""}</Name>
				</span>
				{p.ok && first ? (
					<FromTo write={first} currency={p.currency} />
				) : (
					<span className="small down">{p.detail}</span>
				)}
			</div>
			{p.warnings.map((w) => (
				<p key={w} className="effect-warning small">
					<Icon name="warning" size={14} /> {w}
				</p>
			))}
			{p.ok && <Writes p={p} />}
			{p.left.length > 0 && (
				<details className="effect-calls">
					<summary className="small">{t("costs.left", { count: p.left.length })}</summary>
					<Some items={p.left} className="effects">
						{(l) => (
							<li key={l.line_id} className="effect">
								<Name>{placeOf(l)}</Name>
								<p className="small muted">{l.why}</p>
							</li>
						)}
					</Some>
				</details>
			)}
		</li>
	);
}

export function Approve({
	costs,
	onClose,
	onDone,
}: {
	costs: Cost[];
	onClose: () => void;
	onDone: (batch: string) => void;
}) {
	const can = usePsaWords()?.can;
	const [lines, setLines] = useState<Lines>("all");
	const [note, setNote] = useState("");
	const ask: Ask = {
		items: costs.map((c) => ({
			id: c.id,
			...(c.vendor_cost === null ? {} : { cost: c.vendor_cost }),
			...(c.catalogue_cost === null ? {} : { seen: c.catalogue_cost }),
		})),
		lines,
	};
	const effect = useQuery({
		queryKey: ["preview", "costs", ask],
		queryFn: () => preview(ask),
		placeholderData: keepPreviousData,
		staleTime: 0,
		gcTime: 0,
	});
	const items = effect.data?.items ?? [];
	const good = items.filter((i) => i.ok);
	const refused = items.filter((i) => !i.ok);
	const send = useMutation({
		mutationFn: () => {
			const ids = new Set(good.map((g) => g.id));
			const some = { ...ask, items: ask.items.filter((i) => ids.has(i.id)) };
			return approve(note.trim() ? { ...some, note: note.trim() } : some);
		},
		onSuccess: (r) => onDone(r.batch),
		// The catalogue moved meanwhile: show what is true now.
		onError: () => effect.refetch(),
	});
	const error = send.error ?? effect.error;
	return (
		<Dialog
			title={t("costs.approve_title", { count: costs.length })}
			isOpen
			onClose={onClose}
			size="large"
			footer={
				<>
					<Button onPress={onClose}>{t("action.cancel")}</Button>
					<Button
						variant="primary"
						onPress={() => send.mutate()}
						isPending={send.isPending}
						isDisabled={good.length === 0 || effect.isFetching}
					>
						{t("decide.submit", { count: Math.max(1, good.length) })}
					</Button>
				</>
			}
		>
			<div className="stack">
				<p className="muted">{t("decide.text")}</p>
				{can?.line_costs && (
					<Select
						label={t("costs.which_lines")}
						value={lines}
						onChange={setLines}
						options={LINES.map((id) => ({ id, label: t(`costs.which.${id}`) }))}
					/>
				)}
				{error && <ErrorNotice error={error} />}
				{!effect.data && !effect.error && <Loading rows={2} label={t("decide.loading")} />}
				{good.length > 0 && (
					<Some items={good} className="effects" busy={effect.isFetching}>
						{(p) => <Effect key={p.id} p={p} />}
					</Some>
				)}
				{refused.length > 0 && (
					<Notice tone="warn" title={t("costs.refused", { count: refused.length })}>
						<Some items={refused} className="effects">
							{(p) => <Effect key={p.id} p={p} />}
						</Some>
					</Notice>
				)}
				<TextField
					label={`${t("decide.note")} (${t("field.optional")})`}
					help={t("decide.note_help")}
					value={note}
					onChange={setNote}
					maxLength={2000}
				/>
			</div>
		</Dialog>
	);
}
