// Top right: what is being synced, how far, and the Refresh button that lights up when new data is in.
import { useCallback, useEffect, useRef, useState } from "react";
import { type ServerEvent, useEvents } from "../api/events";
import { client, useJobs } from "../api/hooks";
import { t } from "../i18n";
import { percent } from "../lib/format";
import { Button, cx, Icon, later, toast } from "../ui";
import { useOpener } from "../ui/opener";
import { cardsChanged, markFresh, refresh, useFresh } from "./fresh";
import { isRunning } from "./jobs";

const SyncList = later(() => import("./SyncList").then((m) => m.SyncList));

const SYNCS = ["psa_sync", "integration_sync", "rebuild", "drain"];
const SETTLE_MS = 250;

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

export function SyncStatus() {
	const jobs = useLiveJobs();
	const fresh = useFresh();
	const [busy, setBusy] = useState(false);
	const { button, popup, opened } = useOpener("dialog", SyncList.preload);
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
			<Button
				{...button}
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
			{opened && <SyncList {...popup} jobs={jobs} />}
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
