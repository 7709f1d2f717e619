// The tool itself, for whoever is signed in: the frame, and in it the page that the address means.
import { Suspense, useEffect } from "react";
import { useSessionEnded } from "../api/session";
import { useMe } from "../api/hooks";
import { type Key, t } from "../i18n";
import { navigate, usePlace } from "../lib/router";
import { PAGES, preloadAll } from "../pages";
import { useSecond } from "../pages/settings/useSecond";
import { ButtonLink, ErrorNotice, later, Loading, PageHead } from "../ui";
import { Boundary } from "./Boundary";
import { Shell } from "./Shell";

const SessionEnded = later(() => import("./SessionEnded").then((m) => m.SessionEnded));
const Second = later(() => import("../pages/settings/Second").then((m) => m.Second));

export function Inside() {
	const { path, parts } = usePlace();
	const me = useMe();
	const signedOut = me.data === null;
	const ended = useSessionEnded();
	const second = useSecond(!!me.data?.user);
	const name = parts[0] ?? "";
	const inside = !!me.data;
	useEffect(() => (inside ? preloadAll() : undefined), [inside]);
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
	const page = PAGES[name];
	const title: Key = page?.title ?? "error.not_found";
	return (
		<Shell title={t(title)}>
			<Boundary key={name}>
				{page ? (
					<Suspense
						fallback={
							<div className="page">
								<Loading />
							</div>
						}
					>
						<page.component />
					</Suspense>
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
			{ended && <SessionEnded />}
		</Shell>
	);
}
