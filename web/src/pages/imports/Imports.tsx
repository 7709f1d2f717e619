// Files of counts: bring one, see what came of the others.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { del } from "../../api/client";
import { useCan } from "../../api/hooks";
import { locale, t } from "../../i18n";
import { ago, time } from "../../lib/format";
import { navigate, usePlace } from "../../lib/router";
import {
	Button,
	ButtonLink,
	Confirm,
	cx,
	Empty,
	ErrorNotice,
	FileDrop,
	IconButton,
	Loading,
	Name,
	PageHead,
	Panel,
	toast,
	toastError,
} from "../../ui";
import { useIntegrations } from "../integrations/data";
import { bring, fileSize, forget, type Import, type Profile, useImports, useProfiles } from "./data";
import { ImportPage } from "./Import";
import { StateChip } from "./StateChip";
import "../../i18n/en/imports";
import "../../i18n/en/integrations";
import "./imports.css";

const TYPES = [".csv", ".tsv", ".txt", ".xlsx"];
function Drop({ integration }: { integration: string | null }) {
	const send = useMutation({
		mutationFn: bring,
		onSuccess: async (look) => {
			await forget();
			const to = look.integration ?? integration;
			navigate(`/imports/${encodeURIComponent(look.id)}${to ? `?integration=${encodeURIComponent(to)}` : ""}`);
		},
	});
	return (
		<div className="stack">
			<FileDrop
				title={t("imports.drop")}
				help={t("imports.drop_help")}
				types={TYPES}
				sending={send.isPending ? send.variables.name : null}
				onFile={(file) => send.mutate(file)}
			/>
			{send.error && <ErrorNotice error={send.error} title={t("imports.not_taken")} />}
		</div>
	);
}

const rowsOf = (i: Import) =>
	i.state === "done" || i.state === "failed" || i.state === "running"
		? t("imports.rows", { accepted: i.accepted, rejected: i.rejected_count })
		: null;

function Files({ names }: { names: Map<string, string> }) {
	const can = useCan();
	const list = useImports();
	const remove = useMutation({
		mutationFn: (id: string) => del(`/imports/${encodeURIComponent(id)}`),
		onSuccess: () => {
			toast(t("imports.deleted"));
			return forget();
		},
		onError: toastError,
	});
	const [asking, setAsking] = useState<Import | null>(null);
	const rows = list.data?.pages.flatMap((p) => p.items) ?? [];
	if (list.error) return <ErrorNotice error={list.error} onRetry={() => list.refetch()} />;
	if (list.isPending) return <Loading />;
	if (rows.length === 0)
		return (
			<Empty icon="list" title={t("imports.none")}>
				{t("imports.none_text")}
			</Empty>
		);
	return (
		<div className="stack">
			<div className="table-box">
				<table className="table files">
					<thead>
						<tr>
							<th>{t("imports.file")}</th>
							<th>{t("imports.integration")}</th>
							<th>{t("imports.state")}</th>
							<th>{t("imports.counts")}</th>
							<th>{t("imports.brought")}</th>
							<th>
								<span className="visually-hidden">{t("imports.actions")}</span>
							</th>
						</tr>
					</thead>
					<tbody>
						{rows.map((i) => (
							<tr key={i.id}>
								<td>
									<Name className="strong import-file">{i.filename}</Name>
									<span className="small muted">{fileSize(i.size, locale())}</span>
								</td>
								<td className={cx(!i.integration && "files-none")}>
									{i.integration ? <Name>{names.get(i.integration) ?? t("imports.gone")}</Name> : "–"}
								</td>
								<td>
									<StateChip state={i.state} />
								</td>
								<td className={cx(rowsOf(i) === null && "files-none")}>{rowsOf(i) ?? "–"}</td>
								<td title={time(i.created_at)}>
									{ago(i.created_at)}
									<Name className="small muted">{i.created_by}</Name>
								</td>
								<td>
									<span className="row import-actions">
										<ButtonLink
											size="small"
											href={`/imports/${encodeURIComponent(i.id)}`}
											aria-label={t("imports.open_file", { name: i.filename })}
										>
											{t(i.state === "uploaded" || i.state === "ready" ? "imports.continue" : "imports.open")}
										</ButtonLink>
										{can.approve && ["uploaded", "ready", "failed"].includes(i.state) && (
											<IconButton
												icon="trash"
												size="small"
												label={t("imports.delete_file", { name: i.filename })}
												onPress={() => setAsking(i)}
											/>
										)}
									</span>
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{list.hasNextPage && (
				<div className="row">
					<Button onPress={() => list.fetchNextPage()} isPending={list.isFetchingNextPage}>
						{t("action.load_more")}
					</Button>
				</div>
			)}
			<Confirm
				title={t("imports.delete_file", { name: asking?.filename ?? "" })}
				isOpen={asking !== null}
				onClose={() => setAsking(null)}
				onConfirm={() => {
					if (asking) remove.mutate(asking.id);
					setAsking(null);
				}}
				action={t("action.delete")}
			>
				<p>{t("imports.delete_text")}</p>
			</Confirm>
		</div>
	);
}

function Profiles({ names, list }: { names: Map<string, string>; list: Profile[] }) {
	const can = useCan();
	const remove = useMutation({
		mutationFn: (id: string) => del(`/import-profiles/${encodeURIComponent(id)}`),
		onSuccess: forget,
		onError: toastError,
	});
	if (list.length === 0) return null;
	return (
		<Panel title={t("imports.profiles")} text={t("imports.profiles_text")}>
			<ul className="profile-list">
				{list.map((p) => (
					<li key={p.id}>
						<span className="grow">
							<Name className="strong">{p.name}</Name>
							<Name className="small muted">{names.get(p.integration) ?? t("imports.gone")}</Name>
						</span>
						<span className="small muted">{ago(p.updated_at)}</span>
						{can.approve && (
							<IconButton
								icon="trash"
								size="small"
								label={t("imports.delete_file", { name: p.name })}
								onPress={() => remove.mutate(p.id)}
							/>
						)}
					</li>
				))}
			</ul>
		</Panel>
	);
}

function Overview() {
	const can = useCan();
	const { query } = usePlace();
	const profiles = useProfiles();
	const integrations = useIntegrations();
	const names = new Map((integrations.data ?? []).map((i) => [i.id, i.name]));
	return (
		<div className="page">
			<PageHead
				title={t("imports.title")}
				text={t("imports.text")}
				actions={
					<ButtonLink href="/integrations" icon="left">
						{t("nav.integrations")}
					</ButtonLink>
				}
			/>
			<div className="stack">
				{can.approve && <Drop integration={query.get("integration")} />}
				<Files names={names} />
				<Profiles names={names} list={profiles.data ?? []} />
			</div>
		</div>
	);
}

export function Imports() {
	const { parts } = usePlace();
	const id = parts[1];
	return id ? <ImportPage key={id} id={id} /> : <Overview />;
}
