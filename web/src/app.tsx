// Which page an address means, who may see it, and what happens when one of them breaks.
import { QueryClientProvider } from "@tanstack/react-query";
import { Component, type ReactNode, useEffect } from "react";
import { I18nProvider } from "react-aria-components";
import { useSessionEnded, sessionBack } from "./api/session";
import { client, useMe } from "./api/hooks";
import { type Key, locale, t } from "./i18n";
import { usePrefs } from "./lib/usePrefs";
import { navigate, Router, usePlace } from "./lib/router";
import { PAGES } from "./pages";
import { Setup } from "./pages/front/Setup";
import { LinkPage, PasswordForm, SignIn } from "./pages/front/SignIn";
import { Second, useSecond } from "./pages/settings/Second";
import { Shell } from "./shell/Shell";
import { Button, ButtonLink, Dialog, Empty, ErrorNotice, Loading, PageHead, Toasts } from "./ui";

/** A page that breaks leaves the frame standing. */
class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
	override state = { broken: false };
	static getDerivedStateFromError() {
		return { broken: true };
	}
	override render() {
		if (!this.state.broken) return this.props.children;
		return (
			<Empty
				icon="warning"
				title={t("error.crash")}
				action={<Button onPress={() => location.reload()}>{t("error.reload")}</Button>}
			>
				{t("error.crash_detail")}
			</Empty>
		);
	}
}

function SessionEnded() {
	const ended = useSessionEnded();
	return (
		<Dialog title={t("session.expired")} isOpen={ended} onClose={() => {}} keep size="small">
			<div className="stack">
				<p className="muted">{t("session.expired_detail")}</p>
				<PasswordForm
					onDone={async () => {
						sessionBack();
						await client.invalidateQueries();
					}}
				/>
			</div>
		</Dialog>
	);
}

function Inside() {
	const { path, parts } = usePlace();
	const me = useMe();
	const signedOut = me.data === null;
	const second = useSecond(!!me.data?.user);
	useEffect(() => {
		if (signedOut) navigate(`/sign-in?next=${encodeURIComponent(path + location.search)}`, { replace: true });
	}, [signedOut, path]);
	if (me.error)
		return (
			<div className="front">
				<ErrorNotice error={me.error} onRetry={() => me.refetch()} />
			</div>
		);
	if (!me.data)
		return (
			<div className="front">
				<Loading rows={1} />
			</div>
		);
	if (second.data?.overdue)
		return (
			<Shell title={t("second.overdue")}>
				<div className="page">
					<PageHead title={t("second.overdue")} text={t("second.overdue_text")} />
					<Second />
				</div>
			</Shell>
		);
	const page = PAGES[parts[0] ?? ""];
	const title: Key = page?.title ?? "error.not_found";
	return (
		<Shell title={t(title)}>
			<Boundary key={parts[0]}>
				{page ? (
					<page.component />
				) : (
					<div className="page">
						<PageHead
							title={t("error.not_found")}
							text={t("error.not_found_detail")}
							actions={<ButtonLink href="/">{t("nav.dashboard")}</ButtonLink>}
						/>
					</div>
				)}
			</Boundary>
			<SessionEnded />
		</Shell>
	);
}

function Place() {
	const { parts } = usePlace();
	switch (parts[0]) {
		case "setup":
			return <Setup />;
		case "sign-in":
			return location.hash.length > 1 ? <LinkPage /> : <SignIn />;
		case "invite":
			return <LinkPage />;
		default:
			return <Inside />;
	}
}

export function App() {
	const { language } = usePrefs();
	return (
		<QueryClientProvider client={client}>
			<I18nProvider locale={locale()}>
				<Router>
					<Boundary>
						<Place key={language} />
					</Boundary>
					<Toasts />
				</Router>
			</I18nProvider>
		</QueryClientProvider>
	);
}
