// What a page says about itself: empty, loading, failed, a note, a chip, a count that moves.
import { type ReactNode, useEffect, useState } from "react";
import { ApiError } from "../api/client";
import { t } from "../i18n";
import { Button } from "./button";
import { cx } from "./cx";
import { Icon, type IconName } from "./icons";

export type Tone = "neutral" | "accent" | "good" | "warn" | "bad" | "fresh";

export function Chip({
	tone = "neutral",
	icon,
	children,
	title,
}: {
	tone?: Tone;
	icon?: IconName;
	children: ReactNode;
	title?: string;
}) {
	return (
		<span className={`chip chip-${tone}`} title={title}>
			{icon && <Icon name={icon} size={14} />}
			{children}
		</span>
	);
}

export function Notice({
	tone = "neutral",
	title,
	children,
	action,
	live = false,
}: {
	tone?: Tone;
	title?: string;
	children?: ReactNode;
	action?: ReactNode;
	live?: boolean;
}) {
	const icon: IconName = tone === "good" ? "check" : tone === "warn" || tone === "bad" ? "warning" : "info";
	return (
		<div className={`notice notice-${tone}`} role={live ? (tone === "bad" ? "alert" : "status") : undefined}>
			<Icon name={icon} size={18} />
			<div className="notice-text">
				{title && <p className="notice-title">{title}</p>}
				{children && <div className="notice-body">{children}</div>}
			</div>
			{action && <div className="notice-action">{action}</div>}
		</div>
	);
}

export function Empty({
	icon = "info",
	title,
	children,
	action,
	alone = false,
}: {
	icon?: IconName;
	title: string;
	children?: ReactNode;
	action?: ReactNode;
	/** It is the whole page, so its title is the page's. */
	alone?: boolean;
}) {
	const Title = alone ? "h1" : "h2";
	return (
		<div className="empty">
			<span className="empty-icon">
				<Icon name={icon} size={24} />
			</span>
			<Title className="empty-title">{title}</Title>
			{children && <div className="empty-text">{children}</div>}
			{action && <div className="empty-action">{action}</div>}
		</div>
	);
}

/** The sentence of an error, for any place that shows one. */
export function errorText(error: unknown): string {
	if (error instanceof ApiError) return error.status === 0 ? t("error.network") : error.detail;
	return error instanceof Error ? error.message : String(error);
}

export function ErrorNotice({ error, onRetry, title }: { error: unknown; onRetry?: () => void; title?: string }) {
	const id = error instanceof ApiError ? error.requestId : null;
	return (
		<Notice
			tone="bad"
			title={title ?? t("error.title")}
			live
			action={
				onRetry && (
					<Button size="small" onPress={onRetry} icon="refresh">
						{t("action.retry")}
					</Button>
				)
			}
		>
			{errorText(error)}
			{id && <span className="muted small"> {t("error.request", { id })}</span>}
		</Notice>
	);
}

const SLOW_MS = 2000;

/** Grey bars in the place of what is to come; after two seconds words say that it takes longer. */
export function Loading({ rows = 4, label, className }: { rows?: number; label?: string; className?: string }) {
	const [slow, setSlow] = useState(false);
	useEffect(() => {
		const timer = setTimeout(() => setSlow(true), SLOW_MS);
		return () => clearTimeout(timer);
	}, []);
	return (
		<div className={cx("loading", className)} role="status">
			<span className={slow ? "loading-words" : "visually-hidden"}>
				{slow ? t("state.still_loading") : (label ?? t("state.loading"))}
			</span>
			{Array.from({ length: rows }, (_, i) => (
				<span key={i} className="bar" aria-hidden="true" />
			))}
		</div>
	);
}

/** Shown as text, whatever it holds: names from PSAs and vendors are hostile. Long ones are cut, with the whole in a tip. */
export function Name({ children, className }: { children: string; className?: string }) {
	return (
		<bdi className={cx("name", className)} title={children}>
			{children}
		</bdi>
	);
}
