// Signing in: with a password, with a one-time link, and with an invitation that asks for a password first.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { type ApiError, apiUrl, call, enter, get, post } from "../../api/client";
import { client } from "../../api/hooks";
import { t } from "../../i18n";
import { navigate } from "../../lib/router";
import { Button, ButtonLink, Empty, ErrorNotice, Loading, Notice, TextField } from "../../ui";
import { Front } from "./Front";
import { PasskeyButton, usePasskeyOffer } from "./PasskeyButton";
import { PasswordForm, useCode } from "./PasswordForm";
import "../../i18n/en/setup";
import "../../i18n/en/sso";

/** Where to go after signing in: the page that was asked for. */
async function entered() {
	const next = new URLSearchParams(location.search).get("next");
	await client.invalidateQueries({ queryKey: ["me"] });
	navigate(next?.startsWith("/") && !next.startsWith("//") ? next : "/", { replace: true });
}

function BadLink() {
	return (
		<Front>
			<Empty
				alone
				icon="warning"
				title={t("signin.link_bad")}
				action={<ButtonLink href="/sign-in">{t("signin.to_signin")}</ButtonLink>}
			>
				{t("signin.link_bad_detail")}
			</Empty>
		</Front>
	);
}

function Invitation({ token, email, knownName }: { token: string; email: string; knownName: string }) {
	const [name, setName] = useState(knownName === email ? "" : knownName);
	const [password, setPassword] = useState("");
	const accept = useMutation({
		mutationFn: () => call("POST", "/session", { body: { token, name: name || undefined, password }, quiet401: true }),
		onSuccess: entered,
	});
	const error = accept.error as ApiError | null;
	return (
		<Front>
			<h1>{t("invite.title")}</h1>
			<p className="muted">{t("invite.text", { email })}</p>
			<Form
				className="form"
				onSubmit={(e) => {
					e.preventDefault();
					accept.mutate();
				}}
			>
				{error && !error.at("/password") && !error.at("/name") && <ErrorNotice error={error} />}
				<TextField
					label={t("invite.name")}
					value={name}
					onChange={setName}
					autoComplete="name"
					error={error?.at("/name")}
					autoFocus
				/>
				<TextField
					label={t("invite.password")}
					help={t("invite.password_help")}
					type="password"
					value={password}
					onChange={setPassword}
					autoComplete="new-password"
					error={error?.at("/password")}
				/>
				<Button type="submit" variant="primary" isPending={accept.isPending} isDisabled={!password}>
					{t("invite.submit")}
				</Button>
			</Form>
		</Front>
	);
}

function SignInLink({ token }: { token: string }) {
	const use = useMutation({
		mutationFn: (code: string | undefined) => call("POST", "/session", { body: { token, code }, quiet401: true }),
		onSuccess: entered,
	});
	const error = use.error as ApiError | null;
	const second = useCode(error);
	return (
		<Front>
			<h1>{t("signin.link_title")}</h1>
			<p className="muted">{t("signin.link_text")}</p>
			{error && !error.at("/code") && <ErrorNotice error={error} />}
			<Form
				className="form"
				onSubmit={(e) => {
					e.preventDefault();
					second.onSubmit();
					use.mutate(second.code);
				}}
			>
				{second.field}
				<Button type="submit" variant="primary" isPending={use.isPending} isDisabled={second.missing} autoFocus>
					{t("signin.submit")}
				</Button>
			</Form>
		</Front>
	);
}

/** The token is behind the #: it is read once and taken out of the address bar. */
function useToken() {
	const [token] = useState(() => {
		const found = location.hash.slice(1);
		if (found) history.replaceState(null, "", location.pathname + location.search);
		return found;
	});
	return token;
}

export function LinkPage() {
	const token = useToken();
	const link = useQuery({
		queryKey: ["link", token],
		queryFn: () => post<{ kind: string; email: string | null; name: string | null }>("/session/link", { token }),
		enabled: token !== "",
		retry: false,
	});
	if (!token || link.isError) return <BadLink />;
	if (!link.data)
		return (
			<Front>
				<Loading rows={2} />
			</Front>
		);
	if (link.data.kind === "invite")
		return <Invitation token={token} email={link.data.email ?? ""} knownName={link.data.name ?? ""} />;
	return <SignInLink token={token} />;
}

const SAID = "trueup_said";

/** Why a person came back from the provider without being signed in: in a cookie of the server, read once. */
function useSaid() {
	const [said] = useState(() => {
		const found = document.cookie.split("; ").find((c) => c.startsWith(`${SAID}=`));
		if (!found) return null;
		// biome-ignore lint/suspicious/noDocumentCookie: the other way to take it away is not in every browser
		document.cookie = `${SAID}=; Path=/; Max-Age=0`;
		return decodeURIComponent(found.slice(SAID.length + 1));
	});
	return said;
}

type Offer = { on: boolean; proxy: string | null };

/** The ways in besides a password, where there are some. */
const useOffer = () =>
	useQuery({ queryKey: ["session", "sso"], queryFn: () => get<Offer>("/session/sso"), retry: false }).data;

/** Whom the proxy in front of the server has signed in already. */
function ByProxy({ email }: { email: string }) {
	const go = useMutation({ mutationFn: () => enter("/session/proxy"), onSuccess: entered });
	return (
		<div className="stack-s">
			{go.error && <ErrorNotice error={go.error} title={t("signin.sso_failed")} />}
			<Button variant="primary" className="signin-else" onPress={() => go.mutate()} isPending={go.isPending}>
				{t("signin.continue_as", { email })}
			</Button>
		</div>
	);
}

/** Ways without a password, where there are some: whom a proxy names, a passkey, the company's own sign-in. */
function Elsewhere() {
	const passkey = usePasskeyOffer();
	const offer = useOffer();
	if (!offer?.on && !offer?.proxy && !passkey) return null;
	return (
		<>
			<p className="muted small signin-or">{t("signin.or")}</p>
			{offer?.proxy && <ByProxy email={offer.proxy} />}
			{passkey && <PasskeyButton onDone={entered} />}
			{offer?.on && (
				<a className="button button-secondary signin-else" href={apiUrl("/session/sso/start")}>
					<span className="button-label">{t("signin.sso")}</span>
				</a>
			)}
		</>
	);
}

export function SignIn() {
	const said = useSaid();
	const setup = useQuery({ queryKey: ["setup"], queryFn: () => get<{ needed: boolean }>("/setup") });
	if (setup.data?.needed)
		return (
			<Front>
				<Empty alone icon="key" title={t("setup.no_link")}>
					{t("setup.no_link_detail")}
				</Empty>
			</Front>
		);
	return (
		<Front>
			<h1>{t("signin.title")}</h1>
			{said && (
				<Notice tone="bad" title={t("signin.sso_failed")} live>
					{said}
				</Notice>
			)}
			<PasswordForm onDone={entered} />
			<Elsewhere />
			<p className="muted small">{t("signin.forgot")}</p>
		</Front>
	);
}
