// Both sides over time: the line's quantity as the PSA had it, and the vendor's counts, as steps.
import { useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { all } from "../../api/client";
import { locale, t } from "../../i18n";
import { qty, sum, time } from "../../lib/format";
import { usePrefs } from "../../lib/usePrefs";
import { Loading } from "../../ui";
import type { FullCard } from "./data";
import "../../i18n/en/decide";

type Point = { at: number; units: string };

const HEIGHT = 190;
const MOST = 5000;

/** The sum of several feeds at every moment one of them said something. */
function summed(feeds: Point[][]): Point[] {
	if (feeds.length <= 1) return feeds[0] ?? [];
	const latest = feeds.map((): string | null => null);
	return feeds
		.flatMap((points, feed) => points.map((p) => ({ ...p, feed })))
		.sort((a, b) => a.at - b.at)
		.map((p) => {
			latest[p.feed] = p.units;
			return { at: p.at, units: sum(latest) };
		});
}

function useHistory(card: FullCard) {
	const psa = useQuery({
		queryKey: ["psa", "lines", card.line_id, "history"],
		queryFn: () =>
			all<{ at: string; quantity: string }>(`/psa/lines/${encodeURIComponent(card.line_id ?? "")}/history`),
		enabled: card.line_id !== null,
	});
	const vendor = useQueries({
		queries: card.sources.map((s) => ({
			queryKey: ["integrations", s.integration, "observations", s.account.id, s.service.id],
			queryFn: () =>
				all<{ units: string | null; observed_at: string | null }>(
					`/integrations/${encodeURIComponent(s.integration)}/observations`,
					{ account: s.account.id, service: s.service.id },
					undefined,
					MOST,
				),
		})),
	});
	const pending = (card.line_id !== null && psa.isPending) || vendor.some((v) => v.isPending);
	const psaPoints = (psa.data ?? []).map((p): Point => ({ at: Date.parse(p.at) / 1000, units: p.quantity }));
	const feeds = vendor.map((v) =>
		(v.data ?? []).flatMap((o): Point[] =>
			o.units !== null && o.observed_at ? [{ at: Date.parse(o.observed_at) / 1000, units: o.units }] : [],
		),
	);
	return { pending, psa: psaPoints, vendor: summed(feeds) };
}

const shown = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);

/** uPlot draws on a canvas and needs plain colours: a probe element resolves the tokens. */
function colours(box: HTMLElement) {
	const probe = document.createElement("span");
	box.append(probe);
	const of = (name: string) => {
		probe.style.color = shown(name);
		return getComputedStyle(probe).color;
	};
	const result = { ink: of("--ink-3"), grid: of("--border"), psa: of("--accent"), vendor: of("--fresh") };
	probe.remove();
	return result;
}

// Pixels of a drawing, not quantities that anybody is billed: here a number may be a float.
const heightOf = (units: string) => Number.parseFloat(units);

const DAY_S = 86400;
/** So few moments are marked, so that one alone is seen. */
const FEW = 5;
/** A history of a minute is drawn as the end of ten. */
const SHORTEST_S = 600;

/** Days when the drawing spans days, hours and minutes otherwise; both as this region writes them. */
function tick(ticks: number[]) {
	const days = (ticks.at(-1) ?? 0) - (ticks[0] ?? 0) >= 2 * DAY_S;
	const format = new Intl.DateTimeFormat(locale(), days ? { day: "numeric", month: "short" } : { timeStyle: "short" });
	let last = "";
	return (at: number) => {
		const text = format.format(at * 1000);
		if (text === last) return "";
		last = text;
		return text;
	};
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const onDark = (f: () => void) => {
	dark.addEventListener("change", f);
	return () => dark.removeEventListener("change", f);
};

function Chart({ psa, vendor }: { psa: Point[]; vendor: Point[] }) {
	const box = useRef<HTMLDivElement>(null);
	const { theme } = usePrefs();
	const system = useSyncExternalStore(onDark, () => dark.matches);
	const data = useMemo((): uPlot.AlignedData => {
		const now = Date.now() / 1000;
		const xs = [...new Set([...psa, ...vendor].map((p) => p.at).concat(now))].sort((a, b) => a - b);
		const along = (points: Point[]) => {
			let i = 0;
			let value: number | null = null;
			return xs.map((x) => {
				for (; i < points.length && (points[i]?.at ?? 0) <= x; i++) value = heightOf(points[i]?.units ?? "0");
				return value;
			});
		};
		return [xs, along(psa), along(vendor)];
	}, [psa, vendor]);
	// biome-ignore lint/correctness/useExhaustiveDependencies: another appearance asks for other colours
	useEffect(() => {
		const node = box.current;
		if (!node) return;
		const c = colours(node);
		const paths = uPlot.paths.stepped?.({ align: 1 });
		const axis = { stroke: c.ink, grid: { stroke: c.grid, width: 1 }, ticks: { show: false }, font: "12px system-ui" };
		const line = (label: string, side: 1 | 2, stroke: string, dash?: number[]) => ({
			label,
			stroke,
			width: 2,
			points: { show: (data[side] ?? []).filter((v) => v !== null).length <= FEW, size: 6 },
			...(paths ? { paths } : {}),
			...(dash ? { dash } : {}),
		});
		const plot = new uPlot(
			{
				width: node.clientWidth,
				height: HEIGHT,
				legend: { show: false },
				cursor: { show: false },
				scales: {
					x: { range: (_u, min, max) => [Math.min(min, max - SHORTEST_S), max] },
					y: { range: (_u, _min, max) => [0, Math.max(1, max * 1.15)] },
				},
				axes: [
					{ ...axis, space: 80, values: (_u, ticks) => ticks.map(tick(ticks)) },
					{ ...axis, size: 44 },
				],
				series: [{}, line(t("details.history_psa"), 1, c.psa), line(t("details.history_vendor"), 2, c.vendor, [6, 4])],
			},
			data,
			node,
		);
		const watch = new ResizeObserver(() => plot.setSize({ width: node.clientWidth, height: HEIGHT }));
		watch.observe(node);
		return () => {
			watch.disconnect();
			plot.destroy();
		};
	}, [data, theme, system]);
	return <div ref={box} className="chart" aria-hidden="true" />;
}

export function History({ card }: { card: FullCard }) {
	const { pending, psa, vendor } = useHistory(card);
	if (pending) return <Loading rows={2} />;
	if (psa.length + vendor.length === 0) return <p className="muted">{t("details.history_none")}</p>;
	const rows = [
		...psa.map((p) => ({ ...p, side: t("details.history_psa") })),
		...vendor.map((p) => ({ ...p, side: t("details.history_vendor") })),
	].sort((a, b) => b.at - a.at);
	return (
		<div className="stack-s">
			<p className="chart-legend small">
				<span className="legend-psa">{t("details.history_psa")}</span>
				<span className="legend-vendor">{t("details.history_vendor")}</span>
			</p>
			<Chart psa={psa} vendor={vendor} />
			<details>
				<summary className="small">{t("details.history_table")}</summary>
				<table className="table">
					<tbody>
						{rows.slice(0, 200).map((r) => (
							<tr key={`${r.side} ${r.at} ${r.units}`}>
								<td className="muted">{time(new Date(r.at * 1000).toISOString())}</td>
								<td>{r.side}</td>
								<td className="number">{qty(r.units)}</td>
							</tr>
						))}
					</tbody>
				</table>
			</details>
		</div>
	);
}
