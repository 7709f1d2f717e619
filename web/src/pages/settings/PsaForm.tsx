// Connecting the PSA: which one, its checklist, its settings, Save and Test. Used by the set-up and by Settings.
import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Form } from "react-aria-components";
import { type ApiError, post, put } from "../../api/client";
import { client, usePsa, usePsaKinds } from "../../api/hooks";
import type { Check, Psa, PsaKind } from "../../api/types";
import { isKey, t } from "../../i18n";
import { Button, Choices, ErrorNotice, Icon, Loading, Notice } from "../../ui";
import { SettingFields, settingsComplete, type SettingValues, withoutSecrets } from "../../ui/settings";
import "../../i18n/en/settings";
import "../../i18n/en/setup";
import "../../i18n/en/switch";
import "./psa.css";

// Only for a PSA over files, and with all that dropping a file needs.
const PsaFile = lazy(() => import("./PsaFile").then((m) => ({ default: m.PsaFile })));

type Tested = { ok: boolean; checks: Check[] };

function Checklist({ kind }: { kind: PsaKind }) {
	const key = `psa.list.${kind.kind}`;
	if (!isKey(key)) return null;
	return (
		<section className="checklist">
			<h2>{t("psa.checklist", { name: kind.name })}</h2>
			<ul>
				{t(key)
					.split("\n")
					.map((line) => (
						<li key={line}>
							<Icon name="check" size={16} />
							<span>{line}</span>
						</li>
					))}
			</ul>
		</section>
	);
}

export function Checks({ result }: { result: Tested }) {
	return (
		<div className="stack-s" role="status">
			<Notice tone={result.ok ? "good" : "bad"} title={result.ok ? t("psa.all_ok") : t("psa.some_bad")}>
				{result.ok ? t("psa.all_ok_detail") : t("psa.some_bad_detail")}
			</Notice>
			<ul className="checks" aria-label={t("psa.checks")}>
				{result.checks.map((c) => (
					<li key={c.name} className={c.ok ? "check-ok" : "check-bad"}>
						<Icon name={c.ok ? "check" : "x"} size={16} />
						<span className="grow">
							<span className="strong">{c.name}</span>
							<span className="visually-hidden"> {c.ok ? t("psa.check_ok") : t("psa.check_bad")}</span>
							{c.detail && <span className="check-detail">{c.detail}</span>}
						</span>
					</li>
				))}
			</ul>
		</div>
	);
}

function Fields({
	kind,
	psa,
	onContinue,
	continuing,
	onLater,
}: {
	kind: PsaKind;
	psa: Psa | null;
	onContinue?: (() => void) | undefined;
	continuing?: boolean | undefined;
	onLater?: (() => void) | undefined;
}) {
	const same = psa?.kind === kind.kind ? psa : null;
	const [values, setValues] = useState<SettingValues>({ ...same?.settings });
	const stored = same?.secrets_stored ?? false;
	const test = useMutation({
		mutationFn: async () => {
			const settings = Object.fromEntries(Object.entries(values).filter(([, v]) => v !== ""));
			await put("/psa", { kind: kind.kind, settings });
			return await post<Tested>("/psa/test");
		},
		onSettled: async (result) => {
			await client.invalidateQueries({ queryKey: ["psa"] });
			if (result?.ok) setValues((v) => withoutSecrets(kind.settings, v));
		},
	});
	const error = test.error as ApiError | null;
	const errorAt = (name: string) => error?.at(`/settings/${name}`);
	const placed = kind.settings.some((s) => errorAt(s.name));
	const ok = test.data?.ok === true;
	const fields = { values, onChange: setValues, errorAt, secretsStored: stored };
	const needed = kind.settings.filter((s) => s.required);
	const further = kind.settings.filter((s) => !s.required);
	return (
		<Form
			className="form"
			onSubmit={(e) => {
				e.preventDefault();
				test.mutate();
			}}
		>
			<Checklist kind={kind} />
			<SettingFields settings={needed} {...fields} />
			{further.length > 0 && (
				<details open={further.some((s) => errorAt(s.name))}>
					<summary>{t("psa.more")}</summary>
					<div className="form psa-more">
						<SettingFields settings={further} {...fields} />
					</div>
				</details>
			)}
			{error && !placed && <ErrorNotice error={error} />}
			{test.isPending && <Notice live>{t("psa.testing")}</Notice>}
			{test.data && !test.isPending && <Checks result={test.data} />}
			<div className="form-actions">
				{onLater && (
					<Button variant="quiet" onPress={onLater}>
						{t("psa.later")}
					</Button>
				)}
				<Button
					type="submit"
					variant={ok && onContinue ? "secondary" : "primary"}
					isPending={test.isPending}
					isDisabled={!settingsComplete(kind.settings, values, stored)}
				>
					{t("psa.save_and_test")}
				</Button>
				{ok && onContinue && (
					<Button variant="primary" onPress={onContinue} isPending={continuing ?? false} autoFocus>
						{t("psa.continue")}
					</Button>
				)}
			</div>
		</Form>
	);
}

/** What another kind of PSA means, said before it is connected. */
function SwitchNotice({ from, to }: { from: string; to: string }) {
	return (
		<Notice tone="warn" title={t("switch.begin", { from, to })}>
			<ol className="switch-steps">
				{t("switch.begin_text", { from, to })
					.split("\n")
					.map((line) => (
						<li key={line}>{line}</li>
					))}
			</ol>
		</Notice>
	);
}

export function PsaForm(props: { onContinue?: () => void; continuing?: boolean; onLater?: () => void }) {
	const kinds = usePsaKinds();
	const psa = usePsa();
	const [chosen, setChosen] = useState<string | null>(null);
	if (kinds.error) return <ErrorNotice error={kinds.error} onRetry={() => kinds.refetch()} />;
	if (!kinds.data || psa.isPending) return <Loading />;
	const only = kinds.data.length === 1 ? kinds.data[0]?.kind : undefined;
	const id = chosen ?? psa.data?.kind ?? only ?? null;
	const kind = kinds.data.find((k) => k.kind === id);
	return (
		<div className="stack">
			<Choices
				label={t("psa.choose")}
				value={id}
				onChange={setChosen}
				options={kinds.data.map((k) => ({ id: k.kind, label: k.name }))}
			/>
			{kind && psa.data && kind.kind !== psa.data.kind && <SwitchNotice from={psa.data.name} to={kind.name} />}
			{kind && !kind.can.tickets && <p className="small muted">{t("psa.no_tickets", { name: kind.name })}</p>}
			{kind && <Fields key={kind.kind} kind={kind} psa={psa.data ?? null} {...props} />}
			{id === "files" && psa.data?.kind === "files" && (
				<Suspense fallback={<Loading rows={2} />}>
					<PsaFile />
				</Suspense>
			)}
		</div>
	);
}
