// Setting up an integration: connect, map accounts, map services, review. The step is in the address, so that leaving
// and coming back, or reloading, goes on where one was.
import { useMutation } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { post } from "../../api/client";
import { type ServerEvent, useEvents } from "../../api/events";
import { client } from "../../api/hooks";
import type { Integration } from "../../api/types";
import { t } from "../../i18n";
import { navigate, setQuery, usePlace } from "../../lib/router";
import {
	Button,
	ButtonLink,
	Chip,
	ErrorNotice,
	Icon,
	Loading,
	Name,
	Notice,
	Panel,
	Steps,
	toast,
	toastError,
} from "../../ui";
import { MapAccounts } from "../mapping/Accounts";
import { useVendorAccounts, useVendorServices } from "../mapping/data";
import { MapServices } from "../mapping/Services";
import { Credentials, FetchNow } from "./Credentials";
import { isFetched, useIntegration, useVendors } from "./data";
import { Snippets } from "./FirstCount";
import { Portal } from "./Portal";
import { type Made, Token } from "./Token";
import { IntegrationLogo } from "./VendorLogo";
import "./integrations.css";

const STEPS = ["connect", "accounts", "services", "review"] as const;
type Step = (typeof STEPS)[number];
const POLL_MS = 3000;
const DRAWN = 200;

const isConnected = (i: Integration) =>
	i.state === "active" || i.state === "pending" || i.accounts.total > 0 || i.services.total > 0;

function Waiting({ integration, vendor, onCheck }: { integration: Integration; vendor: string; onCheck: () => void }) {
	if (isConnected(integration))
		return (
			<Notice tone="good" title={t("wait.connected")} live>
				{t("wait.connected_text", { accounts: integration.accounts.total, services: integration.services.total })}
			</Notice>
		);
	return (
		<div className="stack-s">
			<p className="row" role="status">
				<span className="spinner" aria-hidden="true" /> {t("wait.waiting", { vendor })}
			</p>
			<div className="row">
				<Button icon="refresh" onPress={onCheck}>
					{t("wait.check")}
				</Button>
			</div>
		</div>
	);
}

function FileWay({ id }: { id: string }) {
	return (
		<Panel title={t("snippet.file_title")}>
			<div className="stack">
				<p className="muted">{t("snippet.file_text")}</p>
				<div className="row">
					<ButtonLink icon="upload" href={`/imports?integration=${encodeURIComponent(id)}`}>
						{t("integrations.files")}
					</ButtonLink>
				</div>
			</div>
		</Panel>
	);
}

function ConnectStep({ integration, onCheck }: { integration: Integration; onCheck: () => void }) {
	const vendor = useVendors().data?.find((v) => v.id === integration.vendor);
	const [made, setMade] = useState<Made | null>(null);
	const custom = integration.vendor === "custom";
	return (
		<div className="connect-step">
			{vendor && isFetched(integration) ? (
				<>
					<Panel title={t("fetch.title")}>
						<Credentials integration={integration} vendor={vendor} />
					</Panel>
					<Panel title={t("fetch.now_title")}>
						<FetchNow integration={integration} />
					</Panel>
				</>
			) : (
				<>
					<Panel title={t("token.title")}>
						<Token integration={integration} onMade={setMade} bothKeys={custom} />
					</Panel>
					{custom ? (
						<Panel title={t("snippet.step")}>
							<Snippets token={made?.token ?? null} base={made?.base_url ?? null} />
						</Panel>
					) : (
						<Panel title={t("portal.title")}>
							<Portal integration={integration} vendor={vendor} />
						</Panel>
					)}
				</>
			)}
			<div className="stack">
				<Panel title={t("wait.title")}>
					<Waiting integration={integration} vendor={integration.name} onCheck={onCheck} />
				</Panel>
				{custom && <FileWay id={integration.id} />}
			</div>
		</div>
	);
}

function Pair({ from, to, note }: { from: string; to: string; note?: string | null }) {
	return (
		<li className="pair">
			<Name className="strong">{from}</Name>
			<Icon name="arrow" size={16} />
			<span className="grow">
				<Name>{to}</Name>
				{note && <span className="small muted">{note}</span>}
			</span>
		</li>
	);
}

function ReviewStep({ id, integration }: { id: string; integration: Integration }) {
	const accounts = useVendorAccounts(id);
	const services = useVendorServices(id);
	const [drawn, setDrawn] = useState(DRAWN);
	if (!accounts.data || !services.data) return <Loading />;
	const mappedAccounts = accounts.data.filter((a) => a.mapping.status === "mapped");
	const mappedServices = services.data.filter((s) => s.mapping.status === "mapped");
	const none = <p className="muted">{t("review.none")}</p>;
	return (
		<div className="stack">
			<p className="muted">{t("review.text")}</p>
			{integration.accounts.unmapped + integration.services.unmapped > 0 && (
				<Notice tone="warn">
					{t("review.later", { accounts: integration.accounts.unmapped, services: integration.services.unmapped })}
				</Notice>
			)}
			<div className="review-grid">
				<Panel title={t("review.accounts")} actions={<Chip>{mappedAccounts.length}</Chip>}>
					{mappedAccounts.length === 0 ? (
						none
					) : (
						<>
							<ul>
								{mappedAccounts.slice(0, drawn).map((a) => (
									<Pair key={a.id} from={a.name} to={a.mapping.psa_account?.name ?? ""} />
								))}
							</ul>
							{mappedAccounts.length > drawn && (
								<Button onPress={() => setDrawn(drawn + DRAWN)}>{t("action.load_more")}</Button>
							)}
						</>
					)}
				</Panel>
				<Panel title={t("review.services")} actions={<Chip>{mappedServices.length}</Chip>}>
					{mappedServices.length === 0 ? (
						none
					) : (
						<ul>
							{mappedServices.map((s) => (
								<Pair
									key={s.id}
									from={s.name}
									to={s.mapping.products.map((p) => `${p.name} (${p.code})`).join(", ")}
									note={[
										s.mapping.products.length > 1 && t(`map.mode.${s.mapping.mode ?? "copy"}`),
										(s.mapping.unit_basis ?? s.unit_basis) &&
											t(`map.basis.${s.mapping.unit_basis ?? s.unit_basis ?? "users"}`),
									]
										.filter(Boolean)
										.join(" · ")}
								/>
							))}
						</ul>
					)}
				</Panel>
			</div>
		</div>
	);
}

function missing(i: Integration) {
	const account = i.accounts.mapped === 0;
	const service = i.services.mapped === 0;
	if (account && service) return t("review.need_both");
	return account ? t("review.need_account") : service ? t("review.need_service") : null;
}

function Footer({ step, integration }: { step: Step; integration: Integration }) {
	const at = STEPS.indexOf(step);
	const go = (to: Step) => setQuery({ step: to === "connect" ? null : to }, { replace: false });
	const finish = useMutation({
		mutationFn: () => post(`/integrations/${encodeURIComponent(integration.id)}/finish`),
		onSuccess: async () => {
			await Promise.all([
				client.invalidateQueries({ queryKey: ["integrations"] }),
				client.invalidateQueries({ queryKey: ["jobs"] }),
			]);
			toast(t("review.finished"));
			navigate("/");
		},
		onError: toastError,
	});
	const blocked = step === "connect" && !isConnected(integration) ? t("wait.next_off") : null;
	const lacking = step === "review" ? missing(integration) : null;
	const reason = blocked ?? (lacking && t("review.finish_off", { missing: lacking }));
	const previous = STEPS[at - 1];
	const next = STEPS[at + 1];
	return (
		<footer className="wizard-footer">
			<ButtonLink href="/integrations" variant="quiet">
				{t("wizard.leave")}
			</ButtonLink>
			<span className="grow wizard-reason" id="wizard-reason" role="status">
				{reason}
			</span>
			{previous && (
				<Button icon="left" onPress={() => go(previous)}>
					{t("action.back")}
				</Button>
			)}
			{next ? (
				<Button variant="primary" onPress={() => go(next)} isDisabled={!!blocked} aria-describedby="wizard-reason">
					{t("action.next")}
				</Button>
			) : (
				<Button
					variant="primary"
					onPress={() => finish.mutate()}
					isPending={finish.isPending}
					isDisabled={!!lacking}
					aria-describedby="wizard-reason"
				>
					{t("action.finish")}
				</Button>
			)}
		</footer>
	);
}

export function Wizard({ id }: { id: string }) {
	const { query } = usePlace();
	const wanted = query.get("step") as Step | null;
	const step: Step = wanted && STEPS.includes(wanted) ? wanted : "connect";
	const it = useIntegration(id, { every: step === "connect" ? POLL_MS : 0 });
	const { refetch } = it;
	const onEvent = useCallback(
		(e: ServerEvent) => {
			if (e.event === "integration" || e.event === "sync") refetch();
		},
		[refetch],
	);
	useEvents(onEvent);
	if (it.error)
		return (
			<div className="page">
				<ErrorNotice error={it.error} onRetry={() => it.refetch()} />
			</div>
		);
	if (!it.data)
		return (
			<div className="page">
				<Loading rows={6} />
			</div>
		);
	const integration = it.data;
	const at = STEPS.indexOf(step);
	return (
		<div className="wizard">
			<header className="wizard-head">
				<div className="row grow">
					<IntegrationLogo of={integration} />
					<h1 className="grow">
						<Name>{t("connect.title", { vendor: integration.name })}</Name>
					</h1>
				</div>
				<Steps
					label={t("wizard.steps")}
					current={step}
					steps={STEPS.map((s, i) => ({ id: s, label: t(`wizard.step.${s}`), done: i < at }))}
				/>
			</header>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
			<section className="wizard-body" tabIndex={0} aria-label={t(`wizard.step.${step}`)}>
				{step === "accounts" && <p className="muted wizard-text">{t("map.accounts_text")}</p>}
				{step === "services" && <p className="muted wizard-text">{t("map.services_text")}</p>}
				{step === "connect" && <ConnectStep integration={integration} onCheck={() => it.refetch()} />}
				{step === "accounts" && <MapAccounts integration={id} vendor={integration.name} />}
				{step === "services" && <MapServices integration={id} vendor={integration.name} />}
				{step === "review" && <ReviewStep id={id} integration={integration} />}
			</section>
			<Footer step={step} integration={integration} />
		</div>
	);
}
