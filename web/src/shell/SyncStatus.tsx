// Top right: what is being synced, how far, and the Refresh button that lights up when new data is in.
import { useCallback, useEffect, useRef, useState } from "react";
import { Dialog as AriaDialog, DialogTrigger, Popover } from "react-aria-components";
import { type ServerEvent, useEvents } from "../api/events";
import { client, useJobs } from "../api/hooks";
import type { Job } from "../api/types";
import { t, word } from "../i18n";
import { ago, percent } from "../lib/format";
import { Button, ButtonLink, cx, Icon, Progress, toast } from "../ui";
import { cardsChanged, markFresh, refresh, useFresh } from "./fresh";

const SYNCS = ["psa_sync", "integration_sync", "rebuild", "drain"];
const SHOWN = 6;
const SETTLE_MS = 250;

export const isRunning = (j: Job) => j.state === "queued" || j.state === "running";

/** Keeps the list of jobs true with few questions: events move what is known, and ask again when a job ends. */
function useLiveJobs() {
	const jobs = useJobs();
	const timer = useRef(0);
	const onEvent = useCallback((e: ServerEvent) => {
		if (e.event === "cards") cardsChanged();
		if (e.event === "open") markFresh();
		if (e.event !== "job" && e.event !== "sync" && e.event !== "open") return;
		clearTimeout(timer.current);
		timer.current = window.setTimeout(() => client.invalidateQueries({ queryKey: ["jobs"] }), SETTLE_MS);
	}, []);
	useEvents(onEvent);
	return (jobs.data?.items ?? []).filter((j) => SYNCS.includes(j.kind));
}

const jobLabel = (j: Job) => word("job", j.kind);

function JobRow({ job }: { job: Job }) {
	const { done, total } = job.progress;
	return (
		<li className="sync-job">
			<div className="row between">
				<span className="strong">{jobLabel(job)}</span>
				<span className={cx("small", job.state === "failed" ? "down" : "muted")}>
					{isRunning(job) ? word("job.state", job.state) : ago(job.finished_at ?? job.created_at ?? null)}
				</span>
			</div>
			{isRunning(job) && <Progress label={job.progress.phase ?? jobLabel(job)} value={done} max={total} />}
			{job.state === "failed" && job.error && <p className="small down">{job.error}</p>}
		</li>
	);
}

export function SyncStatus() {
	const jobs = useLiveJobs();
	const fresh = useFresh();
	const [busy, setBusy] = useState(false);
	const running = jobs.filter(isRunning);
	const last = jobs.find((j) => !isRunning(j));
	const failed = running.length === 0 && last?.state === "failed";
	const one = running.length === 1 ? running[0]?.progress : undefined;
	const words = running.length
		? one && one.total > 0
			? t("sync.running_progress", { percent: percent(one.done, one.total) })
			: t("sync.running", { count: running.length })
		: failed
			? t("sync.failed")
			: last
				? t("sync.idle")
				: t("sync.idle_never");
	const said = useRef(false);
	useEffect(() => {
		if (fresh && !said.current) toast(t("sync.new_data"), { tone: "fresh" });
		said.current = fresh;
	}, [fresh]);
	const load = async () => {
		setBusy(true);
		await refresh();
		setBusy(false);
	};
	return (
		<>
			<DialogTrigger>
				<Button
					variant="quiet"
					className={cx("sync-button", failed && "sync-button-bad")}
					aria-label={`${t("sync.open")}: ${words}`}
				>
					{running.length ? (
						<span className="spinner" aria-hidden="true" />
					) : (
						<Icon name={failed ? "warning" : "check"} size={16} />
					)}
					<span className="sync-words">{words}</span>
				</Button>
				<Popover className="popover" placement="bottom end">
					<AriaDialog className="sync-list" aria-label={t("sync.open")}>
						{jobs.length === 0 ? (
							<p className="muted">{t("sync.nothing")}</p>
						) : (
							<ul className="stack">
								{[...running, ...jobs.filter((j) => !isRunning(j))].slice(0, SHOWN).map((j) => (
									<JobRow key={j.id} job={j} />
								))}
							</ul>
						)}
						<ButtonLink href="/sync" size="small">
							{t("sync.all")}
						</ButtonLink>
					</AriaDialog>
				</Popover>
			</DialogTrigger>
			<Button
				variant={fresh ? "fresh" : "secondary"}
				icon="refresh"
				onPress={load}
				isPending={busy}
				className="refresh-button"
				aria-label={fresh ? t("sync.new_data") : t("action.refresh")}
			>
				{t("action.refresh")}
			</Button>
		</>
	);
}
