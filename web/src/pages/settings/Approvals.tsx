// Which changes two persons must approve: rules by direction, account, units and money.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { all, type ApiError, del, post } from "../../api/client";
import { client } from "../../api/hooks";
import type { Named } from "../../api/types";
import { t } from "../../i18n";
import { money, qty } from "../../lib/format";
import {
	Button,
	Choices,
	Confirm,
	Dialog,
	Empty,
	ErrorNotice,
	Loading,
	Name,
	Panel,
	TextField,
	toastError,
} from "../../ui";
import { FilterPick } from "../dashboard/FilterPick";

const DIRECTIONS = ["any", "up", "down", "new"] as const;
type Direction = (typeof DIRECTIONS)[number];
type Rule = {
	id: string;
	name: string;
	direction: Direction;
	account: Named | null;
	min_units: string | null;
	min_money: string | null;
};

const reload = () => client.invalidateQueries({ queryKey: ["approval-rules"] });

/** A decimal as people type it, as the server takes it; nothing when nothing was typed. */
const decimal = (typed: string) => typed.trim().replace(",", ".") || null;

function New({ onClose }: { onClose: () => void }) {
	const [name, setName] = useState("");
	const [direction, setDirection] = useState<Direction>("any");
	const [account, setAccount] = useState("");
	const [units, setUnits] = useState("");
	const [amount, setAmount] = useState("");
	const make = useMutation({
		mutationFn: () =>
			post("/approval-rules", {
				name: name.trim(),
				direction,
				account_id: account || null,
				min_units: decimal(units),
				min_money: decimal(amount),
			}),
		onSuccess: () => {
			onClose();
			return reload();
		},
	});
	const error = make.error as ApiError | null;
	return (
		<Dialog
			title={t("approvals.new")}
			isOpen
			onClose={onClose}
			footer={
				<>
					<Button onPress={onClose}>{t("action.cancel")}</Button>
					<Button variant="primary" onPress={() => make.mutate()} isPending={make.isPending} isDisabled={!name.trim()}>
						{t("approvals.new")}
					</Button>
				</>
			}
		>
			<div className="form">
				{error && error.errors.length === 0 && <ErrorNotice error={error} />}
				<TextField
					label={t("approvals.name")}
					help={t("approvals.name_help")}
					value={name}
					onChange={setName}
					maxLength={200}
					error={error?.at("/name")}
					autoFocus
				/>
				<Choices
					label={t("approvals.direction")}
					value={direction}
					onChange={setDirection}
					options={DIRECTIONS.map((id) => ({ id, label: t(`approvals.direction_${id}`) }))}
				/>
				<FilterPick what="account" value={account} onChange={setAccount} />
				<div className="form-row">
					<TextField
						label={t("approvals.min_units")}
						help={t("approvals.min_help")}
						inputMode="decimal"
						value={units}
						onChange={setUnits}
						error={error?.at("/min_units")}
					/>
					<TextField
						label={t("approvals.min_money")}
						help={t("approvals.min_help")}
						inputMode="decimal"
						value={amount}
						onChange={setAmount}
						error={error?.at("/min_money")}
					/>
				</div>
			</div>
		</Dialog>
	);
}

function Row({ rule }: { rule: Rule }) {
	const [asking, setAsking] = useState(false);
	const remove = useMutation({
		mutationFn: () => del(`/approval-rules/${encodeURIComponent(rule.id)}`),
		onSuccess: () => {
			setAsking(false);
			return reload();
		},
		onError: toastError,
	});
	const facts = [
		t(`approvals.direction_${rule.direction}`),
		rule.account?.name,
		rule.min_units && t("approvals.from_units", { units: qty(rule.min_units) }),
		rule.min_money && t("approvals.from_money", { money: money(rule.min_money, null) }),
	];
	return (
		<li className="person">
			<span className="grow">
				<Name className="strong">{rule.name}</Name>
				<span className="small muted">{facts.filter(Boolean).join(" · ")}</span>
			</span>
			<Button size="small" onPress={() => setAsking(true)} aria-label={`${t("approvals.remove")}: ${rule.name}`}>
				{t("approvals.remove")}
			</Button>
			<Confirm
				title={t("approvals.remove_title")}
				isOpen={asking}
				onClose={() => setAsking(false)}
				onConfirm={() => remove.mutate()}
				isPending={remove.isPending}
				action={t("approvals.remove")}
			>
				<p className="strong">{rule.name}</p>
				<p>{t("approvals.remove_text")}</p>
			</Confirm>
		</li>
	);
}

export function Approvals() {
	const rules = useQuery({ queryKey: ["approval-rules"], queryFn: () => all<Rule>("/approval-rules") });
	const [making, setMaking] = useState(false);
	return (
		<Panel
			title={t("settings.tab.approvals")}
			text={t("approvals.text")}
			actions={
				<Button variant="primary" icon="plus" onPress={() => setMaking(true)}>
					{t("approvals.new")}
				</Button>
			}
		>
			{rules.error ? (
				<ErrorNotice error={rules.error} onRetry={() => rules.refetch()} />
			) : !rules.data ? (
				<Loading />
			) : rules.data.length === 0 ? (
				<Empty icon="user" title={t("approvals.none")}>
					{t("approvals.none_text")}
				</Empty>
			) : (
				<ul className="people">
					{rules.data.map((x) => (
						<Row key={x.id} rule={x} />
					))}
				</ul>
			)}
			{making && <New onClose={() => setMaking(false)} />}
		</Panel>
	);
}
