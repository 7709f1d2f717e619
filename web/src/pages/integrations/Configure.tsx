// One integration after its set-up: mapping, token, name and schedule, its readings, its end.
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { type ApiError, del, get, type Page, patch } from "../../api/client";
import { client, useCan } from "../../api/hooks";
import type { Integration } from "../../api/types";
import { t, word } from "../../i18n";
import { date, time, today } from "../../lib/format";
import { navigate } from "../../lib/router";
import {
	Button,
	ButtonLink,
	Chip,
	Confirm,
	type ExportFile,
	ExportMenu,
	ErrorNotice,
	Facts,
	Loading,
	Notice,
	PageHead,
	Panel,
	Switch,
	TextField,
	toast,
	toastError,
} from "../../ui";
import { Credentials } from "./Credentials";
import { isFetched, stateTone, useIntegration, useVendors } from "./data";
import { keyEnds } from "./keyEnds";
import { Arrived, Snippets } from "./FirstCount";
import { Portal } from "./Portal";
import { type Made, Token } from "./Token";
import { IntegrationLogo } from "./VendorLogo";
import "./integrations.css";

type Run = {
	id: string;
	kind: string;
	complete: boolean;
	started_at: string;
	finished_at: string | null;
	accepted: number;
};

const pathOf = (id: string) => `/integrations/${encodeURIComponent(id)}`;

function General({ it }: { it: Integration }) {
	const can = useCan();
	const [name, setName] = useState(it.name);
	const [schedule, setSchedule] = useState(it.schedule);
	const [stale, setStale] = useState(String(it.stale_after_hours));
	const [strict, setStrict] = useState(it.strict404);
	const save = useMutation({
		mutationFn: () =>
			patch(pathOf(it.id), { name, schedule, stale_after_hours: Number.parseInt(stale, 10), strict404: strict }),
		onSuccess: () => {
			toast(t("action.saved"));
			return client.invalidateQueries({ queryKey: ["integrations"] });
		},
	});
	const error = save.error as ApiError | null;
	const placed = ["/name", "/schedule", "/stale_after_hours"].some((p) => error?.at(p));
	return (
		<Panel title={t("configure.general")}>
			<Form
				className="form"
				onSubmit={(e) => {
					e.preventDefault();
					save.mutate();
				}}
			>
				{error && !placed && <ErrorNotice error={error} />}
				<TextField
					label={t("connect.name")}
					value={name}
					onChange={setName}
					error={error?.at("/name")}
					isDisabled={!can.administer}
				/>
				<TextField
					label={t("configure.schedule")}
					help={t("configure.schedule_help")}
					value={schedule}
					onChange={setSchedule}
					error={error?.at("/schedule")}
					isDisabled={!can.administer}
				/>
				<TextField
					label={t("configure.stale")}
					help={t("configure.stale_help")}
					inputMode="numeric"
					value={stale}
					onChange={setStale}
					error={error?.at("/stale_after_hours")}
					isDisabled={!can.administer}
				/>
				<div className="stack-s">
					<Switch isSelected={strict} onChange={setStrict} isDisabled={!can.administer}>
						{t("configure.strict")}
					</Switch>
					<span className="field-help">{t("configure.strict_help")}</span>
				</div>
				{can.administer && (
					<div className="form-actions">
						<Button type="submit" variant="primary" isPending={save.isPending}>
							{t("action.save")}
						</Button>
					</div>
				)}
			</Form>
		</Panel>
	);
}

function Runs({ id }: { id: string }) {
	const runs = useInfiniteQuery({
		queryKey: ["integrations", id, "runs"],
		queryFn: ({ pageParam }) => get<Page<Run>>(`${pathOf(id)}/runs`, { limit: 20, cursor: pageParam }),
		initialPageParam: null as string | null,
		getNextPageParam: (p) => p.next_cursor,
	});
	const rows = runs.data?.pages.flatMap((p) => p.items) ?? [];
	return (
		<Panel title={t("configure.runs")}>
			{runs.error && <ErrorNotice error={runs.error} onRetry={() => runs.refetch()} />}
			{runs.isPending && <Loading rows={3} />}
			{runs.data && rows.length === 0 && <p className="muted">{t("configure.runs_none")}</p>}
			<ul className="run-list">
				{rows.map((r) => (
					<li key={r.id}>
						<span className="grow">
							<span className="strong">{time(r.started_at)}</span>{" "}
							<span className="muted">{word("configure.run_kind", r.kind)}</span>
						</span>
						{r.complete && <Chip tone="good">{t("configure.run_complete")}</Chip>}
						<span>{t("configure.run_accepted", { count: r.accepted })}</span>
					</li>
				))}
			</ul>
			{runs.hasNextPage && (
				<Button onPress={() => runs.fetchNextPage()} isPending={runs.isFetchingNextPage}>
					{t("action.load_more")}
				</Button>
			)}
		</Panel>
	);
}

const countFiles = (id: string): ExportFile[] => [
	{ title: t("arrived.export_now"), path: `${pathOf(id)}/observations`, query: { as_of: today() } },
	{ title: t("arrived.export_all"), path: `${pathOf(id)}/observations` },
];

const mappingFiles = (id: string): ExportFile[] => [
	{ title: t("configure.accounts"), path: `${pathOf(id)}/accounts` },
	{ title: t("configure.services"), path: `${pathOf(id)}/services` },
];

function Disconnect({ it }: { it: Integration }) {
	const [asking, setAsking] = useState(false);
	const end = useMutation({
		mutationFn: () => del(pathOf(it.id)),
		onSuccess: async () => {
			await client.invalidateQueries({ queryKey: ["integrations"] });
			toast(t("configure.disconnected"));
			navigate("/integrations");
		},
		onError: toastError,
	});
	return (
		<>
			<Button icon="unplug" onPress={() => setAsking(true)}>
				{t("configure.disconnect")}
			</Button>
			<Confirm
				title={t("configure.disconnect_title", { name: it.name })}
				isOpen={asking}
				onClose={() => setAsking(false)}
				onConfirm={() => end.mutate()}
				isPending={end.isPending}
				action={t("configure.disconnect")}
			>
				<p>{t("configure.disconnect_text")}</p>
			</Confirm>
		</>
	);
}

export function Configure({ id }: { id: string }) {
	const can = useCan();
	const [made, setMade] = useState<Made | null>(null);
	const query = useIntegration(id);
	const vendors = useVendors();
	if (query.error)
		return (
			<div className="page">
				<ErrorNotice error={query.error} onRetry={() => query.refetch()} />
			</div>
		);
	if (!query.data)
		return (
			<div className="page">
				<Loading rows={6} />
			</div>
		);
	const it = query.data;
	const custom = it.vendor === "custom";
	const vendor = vendors.data?.find((v) => v.id === it.vendor);
	const summary = (p: Integration["accounts"]) =>
		t("configure.mapping_summary", { mapped: p.mapped, unmapped: p.unmapped, excluded: p.excluded });
	return (
		<div className="page">
			<PageHead
				title={it.name}
				text={t("configure.text", { vendor: it.vendor_name, when: date(it.created_at.slice(0, 10)) })}
				before={<IntegrationLogo of={it} />}
				actions={can.administer && !it.disconnected_at && <Disconnect it={it} />}
			/>
			{it.state_detail && <Notice tone={it.state === "error" ? "bad" : "neutral"}>{it.state_detail}</Notice>}
			{it.credentials?.warning && !it.disconnected_at && (
				<Notice tone={it.credentials.days_left < 0 ? "bad" : "warn"}>{keyEnds(it.name, it.credentials)}</Notice>
			)}
			<div className="configure-grid">
				<div>
					<Panel
						title={t("nav.mapping")}
						actions={
							<>
								<Chip tone={stateTone(it.state)}>{word("integration.state", it.state)}</Chip>
								<ExportMenu label={t("configure.export_mapping")} files={mappingFiles(it.id)} />
							</>
						}
					>
						<div className="stack">
							<Facts
								items={[
									[t("configure.accounts"), summary(it.accounts)],
									[t("configure.services"), summary(it.services)],
								]}
							/>
							<div className="row wrap">
								<ButtonLink href={`${pathOf(id)}/setup?step=accounts`} variant="primary">
									{t("configure.update_accounts")}
								</ButtonLink>
								<ButtonLink href={`${pathOf(id)}/setup?step=services`}>{t("configure.update_services")}</ButtonLink>
							</div>
						</div>
					</Panel>
					{!it.disconnected_at &&
						(vendor && isFetched(it) ? (
							<Panel title={t("fetch.credentials")}>
								<Credentials integration={it} vendor={vendor} />
							</Panel>
						) : (
							<Panel title={t("configure.token")}>
								<div className="stack">
									<Token integration={it} onMade={setMade} bothKeys={custom} />
									{!custom && <Portal integration={it} vendor={vendor} />}
								</div>
							</Panel>
						))}
					{!it.disconnected_at && custom && (
						<Panel title={t("snippet.title")}>
							<Snippets token={made?.token ?? null} base={made?.base_url ?? null} />
						</Panel>
					)}
				</div>
				<div>
					<Panel
						title={t("arrived.title")}
						actions={<ExportMenu label={t("arrived.export")} files={countFiles(it.id)} />}
					>
						<Arrived integration={it} />
					</Panel>
					<General key={it.id} it={it} />
					<Runs id={id} />
				</div>
			</div>
		</div>
	);
}
