// The work list: what was approved and a person makes in the PSA, ticked off one by one or many at once.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { apiPath, post } from "../../api/client";
import { client, useCan } from "../../api/hooks";
import { t } from "../../i18n";
import { ago, date, qty } from "../../lib/format";
import {
	Button,
	ButtonLink,
	Checkbox,
	Confirm,
	Empty,
	ErrorNotice,
	Icon,
	Loading,
	Name,
	PageHead,
	TextField,
	toast,
	toastError,
} from "../../ui";
import { type Item, useWorklist } from "./data";
import "../../i18n/en/decide";
import "../../i18n/en/dashboard";
import "../../i18n/en/worklist";
import "./worklist.css";

const close = (item: Item, how: "done" | "not-done", note?: string) =>
	post(`/writes/${encodeURIComponent(item.id)}/${how}`, note ? { note } : {});
const again = () => client.invalidateQueries({ queryKey: ["cards"] });
const nameOf = (i: Item) => `${i.account}, ${i.product}`;

function Change({ item }: { item: Item }) {
	return (
		<div className="work-words">
			<div className="work-head">
				<span className="grow">
					<Name className="strong">{item.account}</Name>
					<Name className="small muted">{[item.product, item.contract].filter(Boolean).join(" · ")}</Name>
				</span>
				<span className="work-units">
					<span className="muted">{item.from === null ? t("decide.new_line") : qty(item.from)}</span>
					<Icon name="arrow" size={14} />
					<span className="strong">{qty(item.to)}</span>
				</span>
			</div>
			{item.steps && <p className="work-steps">{item.steps}</p>}
			<p className="small muted">
				{[
					item.effective_date ? t("decide.from", { date: date(item.effective_date) }) : t("decide.now"),
					item.approved_by && t("worklist.by", { name: item.approved_by, when: ago(item.approved_at) }),
					item.note,
				]
					.filter(Boolean)
					.join(" · ")}
			</p>
		</div>
	);
}

function NotDone({ item, onClose }: { item: Item; onClose: () => void }) {
	const [note, setNote] = useState("");
	const say = useMutation({
		mutationFn: () => close(item, "not-done", note.trim()),
		onSuccess: () => {
			onClose();
			return again();
		},
		onError: toastError,
	});
	return (
		<Confirm
			title={t("worklist.not_done_title")}
			isOpen
			onClose={onClose}
			onConfirm={() => say.mutate()}
			isPending={say.isPending}
			action={t("worklist.not_done")}
			variant="primary"
		>
			<div className="stack">
				<p className="strong">{nameOf(item)}</p>
				<p>{t("worklist.not_done_text")}</p>
				<TextField label={t("worklist.note")} value={note} onChange={setNote} maxLength={2000} />
			</div>
		</Confirm>
	);
}

function List({ items }: { items: Item[] }) {
	const can = useCan();
	const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
	const [refusing, refuse] = useState<Item | null>(null);
	const selected = items.filter((i) => chosen.has(i.id));
	const tick = useMutation({
		mutationFn: async (of: Item[]) => {
			for (const item of of) await close(item, "done");
			return of.length;
		},
		onSuccess: (count) => {
			choose(new Set());
			toast(t("worklist.done_said", { count }));
		},
		onError: toastError,
		onSettled: again,
	});
	const toggle = (id: string) => {
		const next = new Set(chosen);
		if (!next.delete(id)) next.add(id);
		choose(next);
	};
	return (
		<div className="stack">
			{can.approve && (
				<div className="row between wrap">
					<Checkbox
						isSelected={selected.length === items.length}
						isIndeterminate={selected.length > 0 && selected.length < items.length}
						onChange={(on) => choose(new Set(on ? items.map((i) => i.id) : []))}
					>
						{t("worklist.select_all")}
					</Checkbox>
					<Button
						variant="primary"
						icon="check"
						onPress={() => tick.mutate(selected)}
						isDisabled={selected.length === 0}
						isPending={tick.isPending}
					>
						{t("worklist.done_selected", { count: selected.length })}
					</Button>
				</div>
			)}
			<ul className="panel work-list">
				{items.map((item) => (
					<li key={item.id} className="work-item">
						{can.approve && (
							<Checkbox
								aria-label={t("worklist.select", { name: nameOf(item) })}
								isSelected={chosen.has(item.id)}
								onChange={() => toggle(item.id)}
							/>
						)}
						<Change item={item} />
						{can.approve && (
							<span className="work-actions">
								<Button
									size="small"
									icon="check"
									onPress={() => tick.mutate([item])}
									isDisabled={tick.isPending}
									aria-label={`${t("worklist.done")}: ${nameOf(item)}`}
								>
									{t("worklist.done")}
								</Button>
								<Button
									size="small"
									variant="quiet"
									onPress={() => refuse(item)}
									aria-label={`${t("worklist.not_done")}: ${nameOf(item)}`}
								>
									{t("worklist.not_done")}
								</Button>
							</span>
						)}
					</li>
				))}
			</ul>
			{refusing && <NotDone item={refusing} onClose={() => refuse(null)} />}
		</div>
	);
}

export function Worklist() {
	const list = useWorklist();
	return (
		<div className="page">
			<PageHead
				title={t("worklist.title")}
				text={t("worklist.text")}
				actions={
					!!list.data?.length && (
						<ButtonLink href={apiPath("/worklist.csv")} download="work-list.csv" icon="download">
							{t("worklist.csv")}
						</ButtonLink>
					)
				}
			/>
			{list.error ? (
				<ErrorNotice error={list.error} onRetry={() => list.refetch()} />
			) : !list.data ? (
				<Loading rows={6} />
			) : list.data.length === 0 ? (
				<Empty icon="check" title={t("worklist.empty")} action={<ButtonLink href="/">{t("nav.dashboard")}</ButtonLink>}>
					{t("worklist.empty_text")}
				</Empty>
			) : (
				<List items={list.data} />
			)}
		</div>
	);
}
