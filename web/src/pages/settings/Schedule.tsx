// When things are read by themselves, what counts as stale, and who gets mail.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { all, type ApiError, patch } from "../../api/client";
import { client } from "../../api/hooks";
import { type Key, locale, t } from "../../i18n";
import { Button, ErrorNotice, Loading, Panel, Select, Switch, TextField, toast } from "../../ui";

type Value = string | number | boolean;
type Row = {
	name: string;
	type: "bool" | "int" | "choice";
	value: Value;
	min?: number;
	max?: number;
	choices?: string[];
};

const ALARMS = ["alarm_outbox_minutes", "alarm_sync_hours", "alarm_key_days", "alarm_disk_mb"] as const;

const localHour = (hour: number) => {
	const at = new Date();
	at.setUTCHours(hour, 0, 0, 0);
	return new Intl.DateTimeFormat(locale(), { timeStyle: "short" }).format(at);
};
const hours = Array.from({ length: 24 }, (_, h) => ({ id: String(h), label: `${String(h).padStart(2, "0")}:00` }));
const monthdays = Array.from({ length: 28 }, (_, d) => ({ id: String(d + 1), label: String(d + 1) }));

function ScheduleForm({ rows }: { rows: Row[] }) {
	const [values, setValues] = useState<Record<string, Value>>(Object.fromEntries(rows.map((r) => [r.name, r.value])));
	const set = (name: string) => (value: Value) => setValues((v) => ({ ...v, [name]: value }));
	const save = useMutation({
		mutationFn: () => patch("/settings", values),
		onSuccess: () => {
			toast(t("action.saved"));
			return client.invalidateQueries({ queryKey: ["settings"] });
		},
	});
	const error = save.error as ApiError | null;
	const text = (name: string) => String(values[name] ?? "");
	const schedule = text("schedule");
	const weekdays = Array.from({ length: 7 }, (_, d) => ({ id: String(d), label: t(`weekday.${d}` as Key) }));
	return (
		<Form
			className="form"
			onSubmit={(e) => {
				e.preventDefault();
				save.mutate();
			}}
		>
			{error && <ErrorNotice error={error} />}
			<div className="form-row">
				<Select
					label={t("settings.schedule")}
					value={schedule}
					onChange={set("schedule")}
					options={["manual", "daily", "weekly", "monthly"].map((id) => ({
						id,
						label: t(`settings.schedule.${id}` as Key),
					}))}
				/>
				{schedule === "weekly" && (
					<Select
						label={t("settings.sync_weekday")}
						value={text("sync_weekday")}
						onChange={(v) => set("sync_weekday")(Number(v))}
						options={weekdays}
					/>
				)}
				{schedule === "monthly" && (
					<Select
						label={t("settings.sync_monthday")}
						value={text("sync_monthday")}
						onChange={(v) => set("sync_monthday")(Number(v))}
						options={monthdays}
					/>
				)}
				{schedule !== "manual" && (
					<Select
						label={t("settings.sync_hour")}
						help={t("settings.sync_hour_help", { time: localHour(Number(values.sync_hour)) })}
						value={text("sync_hour")}
						onChange={(v) => set("sync_hour")(Number(v))}
						options={hours}
					/>
				)}
			</div>
			<TextField
				label={t("settings.stale_after_hours")}
				help={t("settings.stale_after_hours_help")}
				inputMode="numeric"
				value={text("stale_after_hours")}
				onChange={(v) => set("stale_after_hours")(/^\d+$/.test(v) ? Number(v) : v)}
				error={error?.at("/stale_after_hours")}
			/>
			<div className="stack-s">
				<Switch isSelected={values.strict404 === true} onChange={set("strict404")}>
					{t("settings.strict404")}
				</Switch>
				<span className="field-help">{t("settings.strict404_help")}</span>
			</div>
			<Switch isSelected={values.mail_sync_failed === true} onChange={set("mail_sync_failed")}>
				{t("settings.mail_sync_failed")}
			</Switch>
			<Switch isSelected={values.mail_sync_done === true} onChange={set("mail_sync_done")}>
				{t("settings.mail_sync_done")}
			</Switch>
			<h3>{t("alarms.title")}</h3>
			<p className="muted small">{t("alarms.text")}</p>
			{ALARMS.map((name) => (
				<TextField
					key={name}
					label={t(`settings.${name}`)}
					help={t(`settings.${name}_help`)}
					inputMode="numeric"
					value={text(name)}
					onChange={(v) => set(name)(/^\d+$/.test(v) ? Number(v) : v)}
					error={error?.at(`/${name}`)}
				/>
			))}
			<div className="form-actions">
				<Button type="submit" variant="primary" isPending={save.isPending}>
					{t("action.save")}
				</Button>
			</div>
		</Form>
	);
}

export function Schedule() {
	const rows = useQuery({ queryKey: ["settings"], queryFn: () => all<Row>("/settings") });
	return (
		<Panel title={t("settings.tab.sync")} text={t("settings.sync_text")}>
			{rows.error ? (
				<ErrorNotice error={rows.error} onRetry={() => rows.refetch()} />
			) : rows.data ? (
				<ScheduleForm rows={rows.data} />
			) : (
				<Loading />
			)}
		</Panel>
	);
}
