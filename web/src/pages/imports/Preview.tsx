// What would become of each row, with the row as it stands in the file.
import { t } from "../../i18n";
import { qty } from "../../lib/format";
import { Chip, cx, Panel, Scroller, type Tone } from "../../ui";
import { FIELDS, type ImportSettings, type Look, type PreviewRow } from "./data";

const TONES: Record<PreviewRow["verdict"], Tone> = { accepted: "good", ignored: "neutral", rejected: "bad" };

/** A file may have 2,000 columns; these are drawn, and every one that is used. */
const DRAWN = 24;

function Sums({ look }: { look: Look }) {
	const { accepted, ignored, rejected, all_read } = look.rows;
	return (
		<div className="row wrap">
			<Chip tone="good">{t("imports.n_accepted", { count: accepted })}</Chip>
			<Chip tone={rejected ? "bad" : "neutral"}>{t("imports.n_rejected", { count: rejected })}</Chip>
			<Chip>{t("imports.n_ignored", { count: ignored })}</Chip>
			{!all_read && <span className="small muted">{t("imports.beginning")}</span>}
		</div>
	);
}

export function Preview({
	look,
	settings,
	columns,
	busy,
}: {
	look: Look;
	settings: ImportSettings;
	columns: string[];
	busy: boolean;
}) {
	const uses = new Map(
		FIELDS.flatMap((f) => {
			const at = settings.columns[f];
			return at === undefined ? [] : [[at, f] as const];
		}),
	);
	const drawn = columns.map((_, i) => i).filter((i) => i < DRAWN || uses.has(i));
	return (
		<Panel title={t("imports.preview")} actions={<Sums look={look} />}>
			<Scroller className={cx("preview-box", busy && "preview-busy")} label={t("imports.preview")} busy={busy}>
				<table className="table preview">
					<thead>
						<tr>
							<th className="number">{t("imports.line")}</th>
							<th>{t("imports.verdict")}</th>
							{drawn.map((i) => {
								const use = uses.get(i);
								return (
									<th key={i} className={cx(use && "preview-used")}>
										<bdi>{columns[i]}</bdi>
										{use && <span className="preview-use">{t(`imports.field.${use}`)}</span>}
									</th>
								);
							})}
						</tr>
					</thead>
					<tbody>
						{look.preview.map((r) => (
							<tr key={r.line} className={cx(r.verdict === "ignored" && "preview-ignored")}>
								<td className="number">{r.line}</td>
								<td className="preview-verdict">
									<Chip tone={TONES[r.verdict]}>{t(`imports.${r.verdict}`)}</Chip>
									{r.reason && <p className="small import-reason">{r.reason}</p>}
									{r.quantity !== undefined && (
										<p className="small muted">{t("imports.read_as", { units: qty(r.quantity) })}</p>
									)}
								</td>
								{drawn.map((i) => (
									<td key={i} className={cx(uses.has(i) && "preview-used")}>
										<bdi className="preview-cell" title={r.cells[i]}>
											{r.cells[i]}
										</bdi>
									</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</Scroller>
			{drawn.length < columns.length && (
				<p className="small muted">{t("imports.columns_more", { count: columns.length - drawn.length })}</p>
			)}
		</Panel>
	);
}
