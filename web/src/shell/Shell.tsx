// The frame around every page: tabs, sync status, Refresh, the person's menu.
import { type MouseEvent, type ReactNode, useEffect } from "react";
import { Link } from "react-aria-components";
import { del } from "../api/client";
import { client, useMe } from "../api/hooks";
import { type Key, t } from "../i18n";
import { type Prefs, setPrefs } from "../lib/prefs";
import { hrefOf, navigate, usePlace } from "../lib/router";
import { usePrefs } from "../lib/usePrefs";
import { Button, Icon, type IconName, Menu, MenuGroup, MenuItem, MenuLine, toastError } from "../ui";
import { Alarms } from "./Alarms";
import { DemoBanner } from "./Demo";
import { Logo } from "./Logo";
import { SyncStatus } from "./SyncStatus";
import "./shell.css";

const TABS: { to: string; label: Key; short?: Key; icon: IconName }[] = [
	{ to: "/", label: "nav.dashboard", short: "nav.dashboard_short", icon: "dashboard" },
	{ to: "/integrations", label: "nav.integrations", short: "nav.integrations_short", icon: "plug" },
	{ to: "/mapping", label: "nav.mapping", icon: "mapping" },
	{ to: "/sync", label: "nav.sync", short: "nav.sync_short", icon: "sync" },
	{ to: "/activity", label: "nav.activity", icon: "activity" },
	{ to: "/settings", label: "nav.settings", short: "nav.settings_short", icon: "settings" },
];

function Tabs() {
	const { parts } = usePlace();
	// Files belong to the integrations, costs to reconciliation.
	const here = parts[0] === "imports" ? "/integrations" : parts[0] === "costs" ? "/" : `/${parts[0] ?? ""}`;
	return (
		<nav className="tabs" aria-label={t("nav.label")}>
			{TABS.map((tab) => (
				<Link key={tab.to} href={tab.to} className="tab" aria-current={here === tab.to ? "page" : undefined}>
					<Icon name={tab.icon} size={18} className="tab-icon" />
					<span className="tab-long">{t(tab.label)}</span>
					<span className="tab-short" aria-hidden="true">
						{t(tab.short ?? tab.label)}
					</span>
				</Link>
			))}
		</nav>
	);
}

async function signOut() {
	try {
		await del("/session");
	} catch (error) {
		toastError(error);
		return;
	}
	client.clear();
	navigate("/sign-in");
}

const THEMES: Prefs["theme"][] = ["auto", "light", "dark"];
const LANGUAGES: Prefs["language"][] = ["auto", "en", "de"];

function UserMenu() {
	const me = useMe().data;
	const p = usePrefs();
	const name = me?.user?.name ?? "";
	return (
		<Menu
			aria-label={t("user.menu")}
			trigger={
				<Button variant="quiet" className="avatar-button" aria-label={t("user.menu")}>
					<span className="avatar" aria-hidden="true">
						{(name || "?").slice(0, 1).toUpperCase()}
					</span>
				</Button>
			}
		>
			<MenuGroup title={t("user.signed_in_as", { name })}>
				<MenuItem href="/settings/you" icon="user" detail={me ? t(`role.${me.role}`) : ""}>
					{t("user.menu")}
				</MenuItem>
			</MenuGroup>
			<MenuGroup
				title={t("user.appearance")}
				selectionMode="single"
				disallowEmptySelection
				selectedKeys={[`theme-${p.theme}`]}
				onSelectionChange={(keys: Set<string>) => setPrefs({ theme: [...keys][0]?.slice(6) as Prefs["theme"] })}
			>
				{THEMES.map((x) => (
					<MenuItem key={x} id={`theme-${x}`}>
						{t(`theme.${x}`)}
					</MenuItem>
				))}
			</MenuGroup>
			<MenuGroup
				title={t("user.language")}
				selectionMode="single"
				disallowEmptySelection
				selectedKeys={[`language-${p.language}`]}
				onSelectionChange={(keys: Set<string>) => setPrefs({ language: [...keys][0]?.slice(9) as Prefs["language"] })}
			>
				{LANGUAGES.map((x) => (
					<MenuItem key={x} id={`language-${x}`}>
						{t(`language.${x}`)}
					</MenuItem>
				))}
			</MenuGroup>
			<MenuLine />
			<MenuItem icon="external" onAction={signOut}>
				{t("user.sign_out")}
			</MenuItem>
		</Menu>
	);
}

const skipToContent = (e: MouseEvent) => {
	e.preventDefault();
	document.getElementById("main")?.focus();
};

export function Shell({ children, title }: { children: ReactNode; title: string }) {
	const organization = useMe().data?.organization.name;
	useEffect(() => {
		document.title = [title, organization, t("app.name")].filter(Boolean).join(" · ");
	}, [title, organization]);
	return (
		<div className="shell">
			<a className="skip" href={`${hrefOf(location.pathname)}#main`} onClick={skipToContent}>
				{t("app.skip")}
			</a>
			<header className="top">
				<Link href="/" className="brand" aria-label={t("app.name")}>
					<Logo />
					<span className="brand-name">{t("app.name")}</span>
				</Link>
				<Tabs />
				<div className="top-right">
					<Alarms />
					<SyncStatus />
					<UserMenu />
				</div>
			</header>
			<DemoBanner />
			<main id="main" tabIndex={-1}>
				{children}
			</main>
		</div>
	);
}
