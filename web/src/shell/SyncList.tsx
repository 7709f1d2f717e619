// What is behind the sync status: the last jobs, and the way to all of them.
import type { RefObject } from "react";
import { Dialog, Popover } from "react-aria-components";
import type { Job } from "../api/types";
import { t, word } from "../i18n";
import { ago } from "../lib/format";
import { ButtonLink, cx, Progress } from "../ui";
import { isRunning } from "./jobs";

const SHOWN = 6;

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

export function SyncList({
	jobs,
	...popup
}: {
	jobs: Job[];
	triggerRef: RefObject<HTMLElement | null>;
	isOpen: boolean;
	onOpenChange: (open: boolean) => void;
}) {
	const inOrder = [...jobs.filter(isRunning), ...jobs.filter((j) => !isRunning(j))].slice(0, SHOWN);
	return (
		<Popover {...popup} className="popover" trigger="DialogTrigger" placement="bottom end">
			<Dialog className="sync-list" aria-label={t("sync.open")}>
				{jobs.length === 0 ? (
					<p className="muted">{t("sync.nothing")}</p>
				) : (
					<ul className="stack">
						{inOrder.map((j) => (
							<JobRow key={j.id} job={j} />
						))}
					</ul>
				)}
				<ButtonLink href="/sync" size="small" onPress={() => popup.onOpenChange(false)}>
					{t("sync.all")}
				</ButtonLink>
			</Dialog>
		</Popover>
	);
}
