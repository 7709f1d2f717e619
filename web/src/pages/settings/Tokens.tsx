// Tokens of the API: made with a role and an end, shown once, revoked at any time.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { all, type ApiError, del, post } from "../../api/client";
import { client } from "../../api/hooks";
import type { Role } from "../../api/types";
import { t } from "../../i18n";
import { ago, time } from "../../lib/format";
import {
	Button,
	Chip,
	Choices,
	Confirm,
	CopyField,
	DateField,
	Dialog,
	Empty,
	ErrorNotice,
	Loading,
	Name,
	Notice,
	Panel,
	TextField,
	toastError,
} from "../../ui";
import { roleOptions } from "./People";

type Token = {
	id: string;
	name: string;
	role: Role;
	created_at: string;
	created_by: string | null;
	expires_at: string | null;
	last_used_at: string | null;
	revoked_at: string | null;
};

const reload = () => client.invalidateQueries({ queryKey: ["tokens"] });

function New({ onClose }: { onClose: () => void }) {
	const [name, setName] = useState("");
	const [role, setRole] = useState<Role>("viewer");
	const [ends, setEnds] = useState("");
	const make = useMutation({
		mutationFn: () => post<{ token: string }>("/tokens", { name, role, expires_at: ends ? `${ends}T23:59:59Z` : null }),
		onSuccess: reload,
	});
	const error = make.error as ApiError | null;
	if (make.data)
		return (
			<Dialog
				title={t("settings.token_made")}
				isOpen
				onClose={onClose}
				footer={
					<Button variant="primary" onPress={onClose}>
						{t("action.close")}
					</Button>
				}
			>
				<div className="stack">
					<CopyField label={t("settings.token")} value={make.data.token} />
					<Notice tone="warn">{t("settings.token_once")}</Notice>
				</div>
			</Dialog>
		);
	return (
		<Dialog
			title={t("settings.token_new")}
			isOpen
			onClose={onClose}
			footer={
				<>
					<Button onPress={onClose}>{t("action.cancel")}</Button>
					<Button variant="primary" onPress={() => make.mutate()} isPending={make.isPending} isDisabled={!name.trim()}>
						{t("settings.token_new")}
					</Button>
				</>
			}
		>
			<div className="form">
				{error && error.errors.length === 0 && <ErrorNotice error={error} />}
				<TextField
					label={t("settings.token_name")}
					value={name}
					onChange={setName}
					maxLength={200}
					error={error?.at("/name")}
					autoFocus
				/>
				<Choices label={t("settings.role")} value={role} onChange={setRole} options={roleOptions()} />
				<DateField
					label={t("settings.token_expires")}
					help={t("settings.token_expires_help")}
					value={ends}
					onChange={setEnds}
					error={error?.at("/expires_at")}
				/>
			</div>
		</Dialog>
	);
}

function Row({ token }: { token: Token }) {
	const [asking, setAsking] = useState(false);
	const revoke = useMutation({
		mutationFn: () => del(`/tokens/${encodeURIComponent(token.id)}`),
		onSuccess: () => {
			setAsking(false);
			return reload();
		},
		onError: toastError,
	});
	const facts = [
		t("settings.token_created", { when: ago(token.created_at) }),
		token.revoked_at
			? t("settings.token_revoked", { when: time(token.revoked_at) })
			: token.last_used_at
				? t("settings.token_used", { when: ago(token.last_used_at) })
				: t("settings.token_unused"),
		token.expires_at && !token.revoked_at && t("settings.token_ends", { when: time(token.expires_at) }),
	];
	return (
		<li className="person">
			<span className="grow">
				<span className="row">
					<Name className="strong">{token.name}</Name>
					<Chip>{t(`role.${token.role}`)}</Chip>
				</span>
				<span className="small muted">{facts.filter(Boolean).join(" · ")}</span>
			</span>
			{!token.revoked_at && (
				<Button size="small" onPress={() => setAsking(true)} aria-label={`${t("settings.revoke")}: ${token.name}`}>
					{t("settings.revoke")}
				</Button>
			)}
			<Confirm
				title={t("settings.revoke_title", { name: token.name })}
				isOpen={asking}
				onClose={() => setAsking(false)}
				onConfirm={() => revoke.mutate()}
				isPending={revoke.isPending}
				action={t("settings.revoke")}
			>
				<p>{t("settings.revoke_text")}</p>
			</Confirm>
		</li>
	);
}

export function Tokens() {
	const tokens = useQuery({ queryKey: ["tokens"], queryFn: () => all<Token>("/tokens") });
	const [making, setMaking] = useState(false);
	return (
		<Panel
			title={t("settings.tab.tokens")}
			text={t("settings.tokens_text")}
			actions={
				<Button variant="primary" icon="plus" onPress={() => setMaking(true)}>
					{t("settings.token_new")}
				</Button>
			}
		>
			{tokens.error ? (
				<ErrorNotice error={tokens.error} onRetry={() => tokens.refetch()} />
			) : !tokens.data ? (
				<Loading />
			) : tokens.data.length === 0 ? (
				<Empty icon="key" title={t("settings.tokens_none")} />
			) : (
				<ul className="people">
					{tokens.data.map((x) => (
						<Row key={x.id} token={x} />
					))}
				</ul>
			)}
			{making && <New onClose={() => setMaking(false)} />}
		</Panel>
	);
}
