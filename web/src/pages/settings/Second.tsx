// The second factor: a picture for the app, a code, ten recovery codes shown once; and its end.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { type ApiError, post, put } from "../../api/client";
import { client } from "../../api/hooks";
import { t } from "../../i18n";
import { Button, Chip, CopyField, Dialog, ErrorNotice, Loading, Notice, Panel, TextField, toast } from "../../ui";
import { useSecond } from "./useSecond";
import "../../i18n/en/settings";
import "../../i18n/en/setup";
import "./second.css";

type Begun = { secret: string; uri: string; qr: string[] };

/** Dark fields as one path, with the quiet zone that cameras want. */
function Picture({ rows }: { rows: string[] }) {
	const size = rows.length + 8;
	const path = rows
		.flatMap((row, y) => [...row].map((c, x) => (c === "1" ? `M${x + 4} ${y + 4}h1v1h-1z` : "")))
		.join("");
	return (
		<svg className="second-picture" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t("second.picture")}>
			<rect width={size} height={size} className="second-paper" />
			<path d={path} className="second-ink" shapeRendering="crispEdges" />
		</svg>
	);
}

function CodeForm({
	label,
	submit,
	onSubmit,
	pending,
	error,
}: {
	label: string;
	submit: string;
	onSubmit: (code: string) => void;
	pending: boolean;
	error: ApiError | null;
}) {
	const [code, setCode] = useState("");
	return (
		<Form
			className="form"
			onSubmit={(e) => {
				e.preventDefault();
				onSubmit(code);
			}}
		>
			{error && !error.at("/code") && <ErrorNotice error={error} />}
			<TextField
				label={label}
				value={code}
				onChange={setCode}
				autoComplete="one-time-code"
				inputMode="numeric"
				error={error?.at("/code")}
				autoFocus
			/>
			<div className="form-actions">
				<Button type="submit" variant="primary" isPending={pending} isDisabled={!code}>
					{submit}
				</Button>
			</div>
		</Form>
	);
}

function Codes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
	return (
		<div className="stack">
			<Notice tone="good">{t("second.done")}</Notice>
			<p>{t("second.codes_text")}</p>
			<ul className="second-codes">
				{codes.map((code) => (
					<li key={code}>
						<code>{code}</code>
					</li>
				))}
			</ul>
			<CopyField label={t("second.codes")} value={codes.join(" ")} />
			<div className="form-actions">
				<Button variant="primary" onPress={onDone}>
					{t("second.codes_kept")}
				</Button>
			</div>
		</div>
	);
}

function Begin({ onDone }: { onDone: () => void }) {
	const begin = useMutation({ mutationFn: () => post<Begun>("/me/second-factor") });
	const confirm = useMutation({
		mutationFn: (code: string) => put<{ recovery_codes: string[] }>("/me/second-factor", { code }),
	});
	if (confirm.data) return <Codes codes={confirm.data.recovery_codes} onDone={onDone} />;
	if (!begin.data)
		return (
			<div className="stack">
				{begin.error && <ErrorNotice error={begin.error} />}
				<div className="row">
					<Button variant="primary" onPress={() => begin.mutate()} isPending={begin.isPending}>
						{t("second.begin")}
					</Button>
				</div>
			</div>
		);
	return (
		<div className="second-setup">
			<Picture rows={begin.data.qr} />
			<div className="stack">
				<p>{t("second.scan")}</p>
				<CopyField label={t("second.secret")} value={begin.data.secret} />
				<CodeForm
					label={t("second.code")}
					submit={t("second.confirm")}
					onSubmit={(code) => confirm.mutate(code)}
					pending={confirm.isPending}
					error={confirm.error as ApiError | null}
				/>
			</div>
		</div>
	);
}

function Remove() {
	const [open, setOpen] = useState(false);
	const remove = useMutation({
		mutationFn: (code: string) => post("/me/second-factor/remove", { code }),
		onSuccess: () => {
			setOpen(false);
			toast(t("second.removed"));
			return client.invalidateQueries({ queryKey: ["second"] });
		},
	});
	return (
		<>
			<Button onPress={() => setOpen(true)}>{t("second.remove")}</Button>
			<Dialog title={t("second.remove")} isOpen={open} onClose={() => setOpen(false)} size="small">
				<div className="stack">
					<p className="muted">{t("second.remove_text")}</p>
					<CodeForm
						label={t("signin.code")}
						submit={t("second.remove")}
						onSubmit={(code) => remove.mutate(code)}
						pending={remove.isPending}
						error={remove.error as ApiError | null}
					/>
				</div>
			</Dialog>
		</>
	);
}

export function Second() {
	const state = useSecond();
	// The codes stay on the screen after the state says "on", until they are put away.
	const [working, setWorking] = useState(true);
	if (state.error) return <ErrorNotice error={state.error} onRetry={() => state.refetch()} />;
	if (!state.data) return <Loading rows={2} />;
	const { on, recovery_codes_left: left } = state.data;
	const done = () => {
		setWorking(false);
		return client.invalidateQueries();
	};
	return (
		<Panel title={t("second.title")} text={t("second.text")}>
			{on ? (
				<div className="stack">
					<p>
						<Chip tone="good">{t("second.on")}</Chip> {t("second.left", { count: left })}
					</p>
					<Remove />
				</div>
			) : (
				<Begin key={String(working)} onDone={done} />
			)}
		</Panel>
	);
}
