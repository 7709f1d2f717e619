// One file: how it is read, while it runs, and what came of it.
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { post } from "../../api/client";
import { client, useCan, useJob } from "../../api/hooks";
import { locale, t } from "../../i18n";
import { ago } from "../../lib/format";
import { usePlace } from "../../lib/router";
import {
	Button,
	ButtonLink,
	ErrorNotice,
	Facts,
	Loading,
	Notice,
	PageHead,
	Panel,
	Progress,
	Scroller,
	toastError,
} from "../../ui";
import { useIntegration } from "../integrations/data";
import { fileSize, useImport, useLook, type WholeImport } from "./data";
import { ImportSetup } from "./Setup";
import { StateChip } from "./StateChip";
import "./imports.css";

function Running({ it }: { it: WholeImport }) {
	const job = useJob(it.job).data;
	return (
		<Panel title={t("imports.running")} text={t("imports.running_text")}>
			<Progress label={t("imports.running")} value={job?.progress.done ?? 0} max={job?.progress.total ?? 0} hideLabel />
		</Panel>
	);
}

export function Rejected({ it }: { it: WholeImport }) {
	if (it.rejected.length === 0) return null;
	return (
		<Panel title={t("imports.rejected_rows", { count: it.rejected_count })}>
			<Scroller className="rejected-box" label={t("imports.rejected")}>
				<table className="table">
					<thead>
						<tr>
							<th className="number">{t("imports.line")}</th>
							<th>{t("imports.reason")}</th>
						</tr>
					</thead>
					<tbody>
						{it.rejected.map((r) => (
							<tr key={r.line}>
								<td className="number">{r.line}</td>
								<td className="import-reason">{r.reason}</td>
							</tr>
						))}
					</tbody>
				</table>
			</Scroller>
			{it.rejected_count > it.rejected.length && (
				<p className="small muted">{t("imports.first_only", { count: it.rejected.length })}</p>
			)}
		</Panel>
	);
}

function Done({ it }: { it: WholeImport }) {
	const integration = useIntegration(it.integration ?? "").data;
	const can = useCan();
	const finish = useMutation({
		mutationFn: () => post(`/integrations/${encodeURIComponent(it.integration ?? "")}/finish`),
		onSuccess: () => client.invalidateQueries({ queryKey: ["integrations"] }),
		onError: toastError,
	});
	const base = `/integrations/${encodeURIComponent(it.integration ?? "")}`;
	const unmapped = integration ? integration.accounts.unmapped + integration.services.unmapped : 0;
	const finishable =
		integration && !integration.finished_at && integration.accounts.mapped > 0 && integration.services.mapped > 0;
	return (
		<div className="stack">
			<Notice tone="good" title={t("imports.done", { count: it.accepted })} live>
				{it.settings.options.complete ? t("imports.done_complete") : t("imports.done_part")}
			</Notice>
			<Panel title={t("imports.next")}>
				<div className="stack">
					<p>{unmapped > 0 ? t("imports.next_map", { count: unmapped }) : t("imports.next_cards")}</p>
					<div className="row wrap">
						{unmapped > 0 && (
							<>
								<ButtonLink variant="primary" href={`${base}/setup?step=accounts`}>
									{t("configure.update_accounts")}
								</ButtonLink>
								<ButtonLink href={`${base}/setup?step=services`}>{t("configure.update_services")}</ButtonLink>
							</>
						)}
						{finishable && can.administer && (
							<Button onPress={() => finish.mutate()} isPending={finish.isPending}>
								{t("action.finish")}
							</Button>
						)}
						<ButtonLink href="/">{t("nav.dashboard")}</ButtonLink>
						<ButtonLink href="/imports">{t("imports.another")}</ButtonLink>
					</div>
				</div>
			</Panel>
		</div>
	);
}

function SetUp({ it }: { it: WholeImport }) {
	const { query } = usePlace();
	const first = useLook(it.id, null);
	if (first.error) return <ErrorNotice error={first.error} onRetry={() => first.refetch()} />;
	if (!first.data) return <Loading rows={8} />;
	return <ImportSetup it={it} first={first.data} wanted={first.data.integration ?? query.get("integration") ?? ""} />;
}

/** What was made of a file changes what others show. */
function useEnded(it: WholeImport | undefined) {
	const before = useRef(it?.state);
	useEffect(() => {
		if (before.current === "running" && it && it.state !== "running")
			client.invalidateQueries({ queryKey: ["integrations"] });
		before.current = it?.state;
	}, [it]);
}

export function ImportPage({ id }: { id: string }) {
	const can = useCan();
	const query = useImport(id);
	const it = query.data;
	useEnded(it);
	return (
		<div className="page">
			<PageHead
				title={it?.filename ?? t("imports.title")}
				text={
					it && t("imports.facts", { size: fileSize(it.size, locale()), who: it.created_by, when: ago(it.created_at) })
				}
				actions={
					<>
						{it && <StateChip state={it.state} />}
						<ButtonLink href="/imports" icon="left">
							{t("imports.all")}
						</ButtonLink>
					</>
				}
			/>
			{query.error && <ErrorNotice error={query.error} onRetry={() => query.refetch()} />}
			{query.isPending && <Loading rows={8} />}
			{it && (
				<div className="stack">
					{it.state === "failed" && (
						<Notice tone="bad" title={t("imports.failed")} live>
							{it.error}
						</Notice>
					)}
					{it.state === "running" && <Running it={it} />}
					{it.state === "done" && <Done it={it} />}
					{(it.state === "done" || it.state === "failed") && (
						<Facts
							items={[
								[t("imports.accepted"), it.accepted],
								[t("imports.rejected"), it.rejected_count],
								[t("imports.ignored"), it.ignored],
							]}
						/>
					)}
					<Rejected it={it} />
					{["uploaded", "ready", "failed"].includes(it.state) &&
						(can.approve ? <SetUp it={it} /> : <Notice>{t("imports.approver_only")}</Notice>)}
				</div>
			)}
		</div>
	);
}
