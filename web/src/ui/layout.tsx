import type { ReactNode } from "react";
import { cx } from "./cx";

/** Head of a page: its title, a line about it, what can be done with all of it. */
export function PageHead({
	title,
	text,
	actions,
	before,
}: {
	title: string;
	text?: ReactNode;
	actions?: ReactNode;
	/** A sign before the words. */
	before?: ReactNode;
}) {
	return (
		<header className="page-head">
			<div className="page-head-row">
				{before}
				<div className="page-head-words">
					<h1>{title}</h1>
					{text && <p className="muted">{text}</p>}
				</div>
				{actions && <div className="page-actions">{actions}</div>}
			</div>
		</header>
	);
}

export function Panel({
	title,
	text,
	actions,
	children,
	className,
}: {
	title?: string;
	text?: ReactNode;
	actions?: ReactNode;
	children?: ReactNode;
	className?: string;
}) {
	return (
		<section className={cx("panel", className)}>
			{(title || actions) && (
				<header className="panel-head">
					<div>
						{title && <h2>{title}</h2>}
						{text && <p className="muted">{text}</p>}
					</div>
					{actions && <div className="panel-actions">{actions}</div>}
				</header>
			)}
			{children}
		</section>
	);
}

/** Where one is in a wizard. */
export function Steps({
	label,
	steps,
	current,
}: {
	label: string;
	steps: { id: string; label: string; done: boolean }[];
	current: string;
}) {
	return (
		<nav aria-label={label}>
			<ol className="steps">
				{steps.map((s, i) => (
					<li
						key={s.id}
						className={cx("step", s.id === current && "step-current", s.done && "step-done")}
						aria-current={s.id === current ? "step" : undefined}
					>
						<span className="step-number" aria-hidden="true">
							{s.done ? "✓" : i + 1}
						</span>
						<span className="step-label">{s.label}</span>
					</li>
				))}
			</ol>
		</nav>
	);
}

/** Names and values, as in a summary. */
export function Facts({ items }: { items: [string, ReactNode][] }) {
	return (
		<dl className="facts">
			{items.map(([name, value]) => (
				<div key={name} className="fact">
					<dt>{name}</dt>
					<dd>{value}</dd>
				</div>
			))}
		</dl>
	);
}

/** A box that scrolls by itself, for the keyboard too. */
export function Scroller({
	label,
	className,
	busy = false,
	children,
}: {
	label: string;
	className?: string;
	busy?: boolean;
	children: ReactNode;
}) {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a mouse
		<section className={cx("table-box", className)} aria-label={label} aria-busy={busy} tabIndex={0}>
			{children}
		</section>
	);
}
