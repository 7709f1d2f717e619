// Sync status: the PSA, each vendor, every run, and what to do next when something failed.
import { useMutation, useQuery } from "@tanstack/react-query";
import { get, post } from "../../api/client";
import { client, useAlarms, useCan, useJobs, usePsa } from "../../api/hooks";
import type { Integration, Job, Psa } from "../../api/types";
import { t, word } from "../../i18n";
import { ago, time } from "../../lib/format";
import { isRunning } from "../../shell/jobs";
import {
	Button,
	ButtonLink,
	Chip,
	Empty,
	ErrorNotice,
	Facts,
	Loading,
	Name,
	Notice,
	PageHead,
	Panel,
	Progress,
	Scroller,
	toast,
	toastError,
} from "../../ui";
import { stateTone, useIntegrations } from "../integrations/data";
import "../../i18n/en/sync";
import "../../i18n/en/setup";
import "../../i18n/en/integrations";
import "../../i18n/en/alarm";
import "./sync.css";

type Sizes = {
	accounts: number;
	products: number;
	contracts: number;
	lines: number;
	skipped: { what: string; reason: string; count: number }[];
};

const started = (count: number) => {
	toast(t("syncpage.started", { count }));
	return client.invalidateQueries({ queryKey: ["jobs"] });
};

const syncPsa = (mode: "quick" | "full") => post("/psa/sync", { mode });
const syncIntegration = (id: string) => post(`/integrations/${encodeURIComponent(id)}/sync`);

function useSync(run: () => Promise<unknown>) {
	return useMutation({ mutationFn: run, onSuccess: () => started(1), onError: toastError });
}

function Skipped({ sizes }: { sizes: Sizes }) {
	const count = sizes.skipped.reduce((n, s) => n + s.count, 0);
	if (count === 0) return null;
	return (
		<details className="skipped">
			<summary>{t("syncpage.skipped", { count })}</summary>
			<ul>
				{sizes.skipped.map((s) => (
					<li key={`${s.what} ${s.reason}`}>
						<span className="number">{s.count}</span> <span>{`${word("what", s.what)}: ${s.reason}`}</span>
					</li>
				))}
			</ul>
		</details>
	);
}

function PsaPanel({ psa, running }: { psa: Psa; running: Job | undefined }) {
	const can = useCan();
	const quick = useSync(() => syncPsa("quick"));
	const full = useSync(() => syncPsa("full"));
	const sizes = useQuery({ queryKey: ["psa", "summary"], queryFn: () => get<Sizes>("/psa/summary") });
	return (
		<Panel
			title={psa.name}
			actions={
				can.approve && (
					<>
						<Button onPress={() => quick.mutate()} isPending={quick.isPending} icon="sync">
							{t("syncpage.quick")}
						</Button>
						<Button onPress={() => full.mutate()} isPending={full.isPending}>
							{t("syncpage.full")}
						</Button>
					</>
				)
			}
		>
			<div className="stack">
				{running && (
					<Progress
						label={running.progress.phase ?? word("job", running.kind)}
						value={running.progress.done}
						max={running.progress.total}
					/>
				)}
				{psa.state === "error" && (
					<Notice
						tone="bad"
						title={psa.detail ?? t("sync.failed")}
						action={
							<ButtonLink size="small" href="/settings/psa">
								{t("nav.settings")}
							</ButtonLink>
						}
					>
						{t("syncpage.next_psa")}
					</Notice>
				)}
				<Facts
					items={[
						[
							t("syncpage.state"),
							<Chip key="s" tone={psa.state === "ok" ? "good" : psa.state === "error" ? "bad" : "neutral"}>
								{t(`syncpage.psa_state.${psa.state}`)}
							</Chip>,
						],
						[
							t("syncpage.last_read"),
							<span key="r" title={time(psa.synced_at)}>
								{ago(psa.synced_at)}
							</span>,
						],
						[
							t("syncpage.last_full"),
							<span key="f" title={time(psa.full_synced_at)}>
								{ago(psa.full_synced_at)}
							</span>,
						],
						[
							t("syncpage.coverage"),
							sizes.data
								? t("psa.first_sync_counts", {
										accounts: sizes.data.accounts,
										contracts: sizes.data.contracts,
										lines: sizes.data.lines,
									})
								: "…",
						],
					]}
				/>
				{sizes.data && <Skipped sizes={sizes.data} />}
				<p className="small muted">{t("syncpage.full_help")}</p>
			</div>
		</Panel>
	);
}

function Coverage({ it }: { it: Integration }) {
	const c = it.coverage;
	if (!c?.accounts) return <span className="muted">{t("syncpage.coverage_none")}</span>;
	return (
		<div className="stack-s">
			<span>{t("syncpage.coverage_words", { reporting: c.accounts_reporting, accounts: c.accounts })}</span>
			{c.stale > 0 && <Chip tone="warn">{t("syncpage.stale", { count: c.stale })}</Chip>}
			{c.accounts_missing > 0 && <Chip tone="warn">{t("syncpage.missing", { count: c.accounts_missing })}</Chip>}
			{c.stale === 0 && c.accounts_missing === 0 && <Chip tone="good">{t("syncpage.all_fresh")}</Chip>}
		</div>
	);
}

function VendorRow({ it }: { it: Integration }) {
	const can = useCan();
	const run = useSync(() => syncIntegration(it.id));
	return (
		<li className="vendor-row">
			<div className="vendor-row-name">
				<Name className="strong">{it.name}</Name>
				<Chip tone={stateTone(it.state)}>{word("integration.state", it.state)}</Chip>
			</div>
			<Facts
				items={[
					[
						t("syncpage.last_count"),
						<span key="c" title={time(it.last_count_at)}>
							{ago(it.last_count_at)}
						</span>,
					],
					[t("syncpage.coverage"), <Coverage key="v" it={it} />],
				]}
			/>
			<div className="row vendor-row-actions">
				{can.approve && (
					<Button size="small" icon="sync" onPress={() => run.mutate()} isPending={run.isPending}>
						{t("syncpage.quick")}
					</Button>
				)}
				<ButtonLink size="small" href={`/integrations/${encodeURIComponent(it.id)}`}>
					{t("integrations.configure")}
				</ButtonLink>
			</div>
			{(it.coverage?.gaps.length ?? 0) > 0 && (
				<Notice tone="warn" title={t("fetch.gaps")}>
					<ul>
						{it.coverage?.gaps.map((g) => (
							<li key={g.account}>{`${g.name}: ${g.reason}`}</li>
						))}
					</ul>
				</Notice>
			)}
			{it.state === "error" && (
				<Notice tone="bad" title={it.state_detail ?? t("sync.failed")}>
					{t("syncpage.next_vendor")}
				</Notice>
			)}
		</li>
	);
}

function took(j: Job) {
	if (!j.started_at || !j.finished_at) return "–";
	const seconds = Math.max(0, (Date.parse(j.finished_at) - Date.parse(j.started_at)) / 1000);
	if (seconds < 1) return "< 1 s";
	return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

function Runs({ jobs, names }: { jobs: Job[]; names: Map<string, string> }) {
	if (jobs.length === 0) return <p className="muted">{t("syncpage.no_runs")}</p>;
	return (
		<Scroller label={t("syncpage.runs")}>
			<table className="table runs">
				<thead>
					<tr>
						<th>{t("syncpage.run")}</th>
						<th>{t("syncpage.began")}</th>
						<th className="number">{t("syncpage.took")}</th>
						<th>{t("syncpage.by")}</th>
						<th>{t("syncpage.result")}</th>
					</tr>
				</thead>
				<tbody>
					{jobs.map((j) => (
						<tr key={j.id}>
							<td>
								<span className="strong">{word("job", j.kind)}</span>
								{j.integration && <Name className="small muted">{names.get(j.integration) ?? j.integration}</Name>}
							</td>
							<td className="muted">{time(j.started_at ?? j.created_at ?? null)}</td>
							<td className="number">{took(j)}</td>
							<td>
								{j.created_by && (
									<Name className="muted">{j.created_by === "trueup" ? t("syncpage.itself") : j.created_by}</Name>
								)}
							</td>
							<td>
								<Chip tone={j.state === "failed" ? "bad" : j.state === "done" ? "good" : "accent"}>
									{word("job.state", j.state)}
								</Chip>
								{j.error && <p className="small run-error">{j.error}</p>}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</Scroller>
	);
}

/** Read out by the sign in the header, which is on every page. */
function Alarms() {
	const alarms = useAlarms();
	if (!alarms.data?.length) return null;
	return (
		<div className="stack-s sync-alarms">
			{alarms.data.map((a) => (
				<Notice key={a.name} tone="bad" title={word("alarm", a.name)}>
					{a.detail} {t("alarm.since", { when: ago(a.since) })}
				</Notice>
			))}
		</div>
	);
}

export function Sync() {
	const can = useCan();
	const psa = usePsa();
	const integrations = useIntegrations();
	const jobs = useJobs();
	const names = new Map((integrations.data ?? []).map((i) => [i.id, i.name]));
	const list = (integrations.data ?? []).filter((i) => i.state !== "disabled");
	const all = useMutation({
		mutationFn: async () => {
			const calls = [
				...(psa.data ? [syncPsa("quick")] : []),
				...list.filter((i) => i.state !== "inactive").map((i) => syncIntegration(i.id)),
			];
			await Promise.all(calls);
			return calls.length;
		},
		onSuccess: started,
		onError: toastError,
	});
	const running = jobs.data?.items.find((j) => j.kind === "psa_sync" && isRunning(j));
	return (
		<div className="page">
			<PageHead
				title={t("syncpage.title")}
				text={t("syncpage.text")}
				actions={
					can.approve && (
						<Button
							variant="primary"
							icon="sync"
							onPress={() => all.mutate()}
							isPending={all.isPending}
							isDisabled={!psa.data && list.length === 0}
						>
							{t("syncpage.quick_all")}
						</Button>
					)
				}
			/>
			<Alarms />
			<div className="sync-grid">
				<div>
					{psa.error ? (
						<ErrorNotice error={psa.error} onRetry={() => psa.refetch()} />
					) : psa.isPending ? (
						<Loading rows={3} />
					) : psa.data ? (
						<PsaPanel psa={psa.data} running={running} />
					) : (
						<Panel>
							<Empty
								icon="unplug"
								title={t("syncpage.no_psa")}
								action={
									<ButtonLink variant="primary" href="/settings/psa">
										{t("syncpage.connect_psa")}
									</ButtonLink>
								}
							>
								{t("syncpage.no_psa_text")}
							</Empty>
						</Panel>
					)}
				</div>
				<Panel title={t("syncpage.vendors")}>
					{integrations.error ? (
						<ErrorNotice error={integrations.error} onRetry={() => integrations.refetch()} />
					) : integrations.isPending ? (
						<Loading rows={3} />
					) : list.length === 0 ? (
						<Empty
							icon="plug"
							title={t("syncpage.no_vendors")}
							action={<ButtonLink href="/integrations">{t("syncpage.to_integrations")}</ButtonLink>}
						/>
					) : (
						<ul className="vendor-rows">
							{list.map((i) => (
								<VendorRow key={i.id} it={i} />
							))}
						</ul>
					)}
				</Panel>
			</div>
			<section className="sync-runs">
				<h2>{t("syncpage.runs")}</h2>
				{jobs.error ? (
					<ErrorNotice error={jobs.error} onRetry={() => jobs.refetch()} />
				) : jobs.isPending ? (
					<Loading />
				) : (
					<Runs jobs={jobs.data.items} names={names} />
				)}
			</section>
		</div>
	);
}
