// What became of each write of a batch, as it happens, and the way back.
import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { client } from "../../api/hooks";
import { t } from "../../i18n";
import { date, money, qty } from "../../lib/format";
import {
	Button,
	ButtonLink,
	Chip,
	Confirm,
	Dialog,
	ErrorNotice,
	Icon,
	Name,
	Notice,
	Progress,
	type Tone,
	toastError,
} from "../../ui";
import { isEnded, rollback, useWrites, type Write } from "./data";
import { Some } from "./Some";
import "../../i18n/en/decide";
import "../../i18n/en/dashboard";
import "../../i18n/en/worklist";
import "../../i18n/en/costs";

const TONE: Record<Write["state"], Tone> = {
	planned: "neutral",
	sending: "accent",
	applied: "good",
	conflict: "warn",
	refused: "bad",
	failed: "bad",
	unknown: "warn",
	rolled_back: "neutral",
	listed: "accent",
};

export const WriteChip = ({ write }: { write: Write }) => (
	<Chip tone={TONE[write.state]}>{t(`write.state.${write.state}`)}</Chip>
);

/** From what to what, and from when. */
export function WriteUnits({ write }: { write: Write }) {
	const show = (value: string) => (write.currency ? money(value, write.currency) : qty(value));
	return (
		<span className="effect-units">
			<span className="muted">{write.kind === "add_line" ? t("decide.new_line") : show(write.expect)}</span>
			<Icon name="arrow" size={14} />
			<span className="strong">{show(write.want)}</span>
		</span>
	);
}

function Row({ write }: { write: Write }) {
	return (
		<li className="effect">
			<div className="effect-row">
				<span className="grow">
					<Name className="strong">{write.account?.name ?? t("costs.catalogue")}</Name>
					<Name className="small muted">{write.product.name}</Name>
				</span>
				<WriteUnits write={write} />
				<span className="effect-state">
					<WriteChip write={write} />
				</span>
			</div>
			{write.effective_date && <p className="small muted">{t("decide.from", { date: date(write.effective_date) })}</p>}
			{write.detail && <p className="small muted">{write.detail}</p>}
		</li>
	);
}

const isBad = (w: Write) => isEnded(w) && !["applied", "rolled_back", "listed"].includes(w.state);

/** While it runs each row stays where it is; at the end what needs a look comes first. */
const sorted = (list: Write[], all: boolean) =>
	all ? [...list.filter(isBad), ...list.filter((w) => !isBad(w))] : list;

function Outcome({ list, isRollback }: { list: Write[]; isRollback: boolean }) {
	const ended = list.filter(isEnded).length;
	const applied = list.filter((w) => w.state === "applied" || w.state === "rolled_back").length;
	const listed = list.filter((w) => w.state === "listed").length;
	const bad = list.filter(isBad).length;
	if (list.length === 0 || ended < list.length)
		return (
			<Progress label={t("decide.running", { done: ended, total: list.length })} value={ended} max={list.length} />
		);
	return (
		<>
			{applied > 0 && (
				<Notice tone="good" live>
					{t(isRollback ? "decide.undone" : "decide.all_done", { count: applied })}
				</Notice>
			)}
			{listed > 0 && (
				<Notice
					live
					action={
						<ButtonLink size="small" href="/worklist">
							{t("decide.open_list")}
						</ButtonLink>
					}
				>
					{t("decide.listed", { count: listed })}
				</Notice>
			)}
			{bad > 0 && (
				<Notice tone="bad" live>
					{t("decide.some_bad", { count: bad })}
				</Notice>
			)}
		</>
	);
}

export function Results({ batch, onClose }: { batch: string; onClose: (ended: boolean) => void }) {
	const [shown, setShown] = useState(batch);
	const writes = useWrites(shown);
	const [asking, setAsking] = useState(false);
	const back = useMutation({
		mutationFn: () => rollback(shown),
		onSuccess: (r) => {
			setAsking(false);
			setShown(r.batch);
		},
		onError: (error) => {
			setAsking(false);
			toastError(error);
		},
	});
	const list = writes.data ?? [];
	const all = list.length > 0 && list.every(isEnded);
	const isRollback = list.some((w) => w.rollback_of);
	const undoable = list.filter((w) => w.state === "applied" || w.state === "listed").length;
	const canUndo = all && !isRollback && undoable > 0;
	useEffect(() => {
		if (all) client.invalidateQueries({ queryKey: ["cards"] });
	}, [all]);
	return (
		<Dialog
			title={isRollback ? t("decide.undoing") : t("decide.results")}
			isOpen
			onClose={() => onClose(all)}
			size="large"
			footer={
				<>
					{canUndo && (
						<Button icon="undo" onPress={() => setAsking(true)}>
							{t("decide.undo")}
						</Button>
					)}
					<Button variant="primary" onPress={() => onClose(all)}>
						{t("action.close")}
					</Button>
				</>
			}
		>
			<div className="stack">
				{writes.error && <ErrorNotice error={writes.error} onRetry={() => writes.refetch()} />}
				<Outcome list={list} isRollback={isRollback} />
				<Some items={sorted(list, all)} className="effects">
					{(w) => <Row key={w.id} write={w} />}
				</Some>
			</div>
			<Confirm
				title={t("decide.undo_title", { count: undoable })}
				isOpen={asking}
				onClose={() => setAsking(false)}
				onConfirm={() => back.mutate()}
				isPending={back.isPending}
				action={t("decide.undo")}
			>
				<p>{t("decide.undo_text")}</p>
			</Confirm>
		</Dialog>
	);
}
