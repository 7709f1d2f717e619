// What an address shows: the ways in, or the tool behind them. What is not needed at once comes later.
import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { I18nProvider } from "react-aria-components";
import { client } from "./api/hooks";
import { hasWords, language, loadWords, locale } from "./i18n";
import { usePrefs } from "./lib/usePrefs";
import { Router, usePlace } from "./lib/router";
import { preload } from "./pages";
import { Front } from "./pages/front/Front";
import { Boundary } from "./shell/Boundary";
import { Loading, toastError, Toasts } from "./ui";

const loadInside = () => import("./shell/Inside").then((m) => ({ default: m.Inside }));
const Inside = lazy(loadInside);
const loadSetup = () => import("./pages/front/Setup").then((m) => ({ default: m.Setup }));
const Setup = lazy(loadSetup);
const loadSignIn = () => import("./pages/front/SignIn");
const SignIn = lazy(() => loadSignIn().then((m) => ({ default: m.SignIn })));
const LinkPage = lazy(() => loadSignIn().then((m) => ({ default: m.LinkPage })));

const FRONT = ["setup", "sign-in", "invite"];

/** What this address needs is on its way while the first question is asked. */
export function begin(name: string) {
	if (FRONT.includes(name)) return;
	loadInside().catch(() => {});
	preload(name);
}

function Later({ wide, children }: { wide?: boolean; children: ReactNode }) {
	const waiting = (
		<Front wide={wide ?? false}>
			<Loading rows={2} />
		</Front>
	);
	return <Suspense fallback={waiting}>{children}</Suspense>;
}

function Place() {
	const { parts } = usePlace();
	switch (parts[0]) {
		case "setup":
			return (
				<Later wide>
					<Setup />
				</Later>
			);
		case "sign-in":
			return location.hash.length > 1 ? <LinkPage /> : <SignIn />;
		case "invite":
			return <LinkPage />;
		default:
			return (
				<Later>
					<Inside />
				</Later>
			);
	}
}

/** The chosen language, as soon as its words are here. */
function useWords() {
	usePrefs();
	const chosen = language();
	const [, came] = useState(chosen);
	useEffect(() => {
		if (!hasWords(chosen)) loadWords(chosen).then(() => came(chosen), toastError);
	}, [chosen]);
	return hasWords(chosen) ? chosen : "en";
}

export function App() {
	const words = useWords();
	return (
		<QueryClientProvider client={client}>
			<I18nProvider locale={locale()}>
				<Router>
					<Boundary>
						<Place key={words} />
					</Boundary>
					<Toasts />
				</Router>
			</I18nProvider>
		</QueryClientProvider>
	);
}
