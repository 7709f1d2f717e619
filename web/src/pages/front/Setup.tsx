// The first visit, from the one-time link: the organization and its administrator, the PSA, the first reading.
import { useMutation, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { Form } from "react-aria-components";
import { type ApiError, get, type Page, post } from "../../api/client";
import { client, useJob, useMe } from "../../api/hooks";
import type { Job } from "../../api/types";
import { t, word } from "../../i18n";
import { navigate } from "../../lib/router";
import { Button, ButtonLink, Empty, ErrorNotice, Icon, Loading, Progress, Steps, TextField } from "../../ui";
import { Front } from "./Front";
import "../../i18n/en/setup";

// The second step: it comes while the first is filled in.
const loadForm = () => import("../settings/PsaForm").then((m) => ({ default: m.PsaForm }));
const PsaForm = lazy(loadForm);

type Step = "admin" | "psa" | "done" | "demo";

function Trail({ current }: { current: Step }) {
	const order: Step[] = current === "demo" ? ["admin", "demo"] : ["admin", "psa", "done"];
	const at = order.indexOf(current);
	return (
		<Steps
			label={t("setup.steps")}
			current={current}
			steps={order.map((id, i) => ({
				id,
				label: id === "demo" ? t("demo.step") : t(`setup.step_${id}`),
				done: i < at,
			}))}
		/>
	);
}

function Organization({ token, onDone }: { token: string; onDone: () => void }) {
	const [form, setForm] = useState({ organization: "", currency: "USD", name: "", email: "", password: "" });
	const set = (name: keyof typeof form) => (value: string) => setForm((f) => ({ ...f, [name]: value }));
	const create = useMutation({
		mutationFn: () =>
			post("/setup", { token, ...form, name: form.name || undefined, currency: form.currency.toUpperCase() }),
		onSuccess: async () => {
			await client.invalidateQueries();
			onDone();
		},
	});
	const error = create.error as ApiError | null;
	const at = (name: string) => error?.at(`/${name}`);
	const placed = ["organization", "currency", "name", "email", "password"].some(at);
	return (
		<>
			<div>
				<h1>{t("setup.title")}</h1>
				<p className="muted">{t("setup.text")}</p>
			</div>
			<Form
				className="form"
				onSubmit={(e) => {
					e.preventDefault();
					create.mutate();
				}}
			>
				{error && !placed && <ErrorNotice error={error} />}
				<div className="form-row">
					<TextField
						label={t("setup.organization")}
						value={form.organization}
						onChange={set("organization")}
						error={at("organization")}
						autoComplete="organization"
						autoFocus
					/>
					<TextField
						label={t("setup.currency")}
						help={t("setup.currency_help")}
						value={form.currency}
						onChange={set("currency")}
						maxLength={3}
						error={at("currency")}
					/>
				</div>
				<div className="form-row">
					<TextField
						label={t("invite.name")}
						value={form.name}
						onChange={set("name")}
						error={at("name")}
						autoComplete="name"
					/>
					<TextField
						label={t("signin.email")}
						type="email"
						value={form.email}
						onChange={set("email")}
						error={at("email")}
						autoComplete="username"
					/>
				</div>
				<TextField
					label={t("signin.password")}
					help={t("invite.password_help")}
					type="password"
					value={form.password}
					onChange={set("password")}
					error={at("password")}
					autoComplete="new-password"
				/>
				<div className="form-actions">
					<Button
						type="submit"
						variant="primary"
						isPending={create.isPending}
						isDisabled={!form.organization || !form.email || !form.password}
					>
						{t("setup.submit")}
					</Button>
				</div>
			</Form>
		</>
	);
}

type Sizes = { accounts: number; contracts: number; lines: number };

function FirstSync({ job }: { job: string }) {
	const run = useJob(job);
	const done = run.data?.state === "done";
	const sizes = useQuery({ queryKey: ["psa", "summary"], queryFn: () => get<Sizes>("/psa/summary"), enabled: done });
	return (
		<>
			<div>
				<h1>{done ? t("psa.first_sync_done") : t("psa.first_sync")}</h1>
				<p className="muted">
					{done
						? sizes.data &&
							t("psa.first_sync_counts", {
								accounts: sizes.data.accounts,
								contracts: sizes.data.contracts,
								lines: sizes.data.lines,
							})
						: t("psa.first_sync_detail")}
				</p>
			</div>
			{run.data?.state === "failed" ? (
				<ErrorNotice error={new Error(run.data.error ?? "")} />
			) : done ? (
				<p className="row up strong">
					<Icon name="check" /> {word("job.state", "done")}
				</p>
			) : (
				<Progress
					label={run.data?.progress.phase ?? word("job", "psa_sync")}
					value={run.data?.progress.done ?? 0}
					max={run.data?.progress.total ?? 0}
				/>
			)}
			<div className="form-actions">
				<ButtonLink href="/">{t("psa.to_dashboard")}</ButtonLink>
				<ButtonLink href="/integrations" variant="primary">
					{t("psa.to_integrations")}
				</ButtonLink>
			</div>
		</>
	);
}

/** The other way in: sample data. */
function Explore({ onPress, pending }: { onPress: () => void; pending: boolean }) {
	return (
		<section className="explore" aria-label={t("demo.explore")}>
			<p>{t("demo.explore_text")}</p>
			<Button onPress={onPress} isPending={pending}>
				{t("demo.explore")}
			</Button>
		</section>
	);
}

/** The making of the sample data, found by its kind: a page that was loaded again goes on where it was. */
function DemoMaking() {
	const jobs = useQuery({
		queryKey: ["jobs", "demo"],
		queryFn: () => get<Page<Job>>("/jobs", { kind: "demo", limit: 1 }),
		refetchInterval: (q) => (["queued", "running"].includes(q.state.data?.items[0]?.state ?? "queued") ? 700 : false),
	});
	const job = jobs.data?.items[0];
	const done = job?.state === "done";
	const enter = async () => {
		await client.invalidateQueries();
		navigate("/");
	};
	return (
		<>
			<div>
				<h1>{done ? t("demo.made") : t("demo.making")}</h1>
				<p className="muted">{done ? t("demo.made_text") : t("demo.making_text")}</p>
			</div>
			{jobs.error && <ErrorNotice error={jobs.error} onRetry={() => jobs.refetch()} />}
			{job?.state === "failed" && <ErrorNotice error={new Error(job.error ?? "")} />}
			{!done && job?.state !== "failed" && (
				<Progress
					label={job?.progress.phase ?? word("job", "demo")}
					value={job?.progress.done ?? 0}
					max={job?.progress.total ?? 0}
				/>
			)}
			<div className="form-actions">
				<Button variant="primary" onPress={enter} isDisabled={!done && job?.state !== "failed"}>
					{t("demo.look")}
				</Button>
			</div>
		</>
	);
}

export function Setup() {
	const [token] = useState(() => location.hash.slice(1));
	useEffect(() => void loadForm().catch(() => {}), []);
	const me = useMe();
	const state = useQuery({ queryKey: ["setup"], queryFn: () => get<{ needed: boolean }>("/setup") });
	const [step, setStep] = useState<Step>("admin");
	const [job, setJob] = useState<string | null>(null);
	const sync = useMutation({
		mutationFn: () => post<{ job: string }>("/psa/sync", { mode: "full" }),
		onSuccess: (r) => {
			setJob(r.job);
			setStep("done");
		},
	});
	const explore = useMutation({
		mutationFn: () => post("/demo"),
		onSuccess: async () => {
			await client.invalidateQueries({ queryKey: ["me"] });
			setStep("demo");
		},
	});
	if (!state.data || me.isPending)
		return (
			<Front wide>
				{state.error ? <ErrorNotice error={state.error} onRetry={() => state.refetch()} /> : <Loading />}
			</Front>
		);
	// A reload in the middle: the organization is there, the rest goes on.
	const inside: Step = me.data?.demo ? "demo" : "psa";
	const now: Step = step === "admin" && !state.data.needed && me.data ? inside : step;
	if (now === "admin" && (!state.data.needed || !token))
		return (
			<Front>
				<Empty
					alone
					icon="key"
					title={state.data.needed ? t("setup.no_link") : t("signin.link_bad")}
					action={!state.data.needed && <ButtonLink href="/sign-in">{t("signin.to_signin")}</ButtonLink>}
				>
					{state.data.needed ? t("setup.no_link_detail") : t("signin.link_bad_detail")}
				</Empty>
			</Front>
		);
	return (
		<Front wide>
			<Trail current={now} />
			{now === "admin" && (
				<Organization
					token={token}
					onDone={() => {
						history.replaceState(null, "", location.pathname);
						setStep("psa");
					}}
				/>
			)}
			{now === "psa" && (
				<>
					<div>
						<h1>{t("psa.title")}</h1>
						<p className="muted">{t("psa.text")}</p>
					</div>
					{[sync.error, explore.error].map((e) => e && <ErrorNotice key={e.message} error={e} />)}
					<Explore onPress={() => explore.mutate()} pending={explore.isPending} />
					<Suspense fallback={<Loading />}>
						<PsaForm onContinue={() => sync.mutate()} continuing={sync.isPending} onLater={() => navigate("/")} />
					</Suspense>
				</>
			)}
			{now === "done" && job && <FirstSync job={job} />}
			{now === "demo" && <DemoMaking />}
		</Front>
	);
}
