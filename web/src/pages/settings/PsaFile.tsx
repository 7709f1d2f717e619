// A PSA over files: its line report is brought here. One that can be read takes the place of the last and is read at once.
import { useMutation } from "@tanstack/react-query";
import { call, post } from "../../api/client";
import { client } from "../../api/hooks";
import { t } from "../../i18n";
import { ErrorNotice, FileDrop, Name, Notice, Scroller } from "../../ui";
import "../../i18n/en/settings";
import "../../i18n/en/imports";

type Report = {
	accounts: number;
	products: number;
	contracts: number;
	lines: number;
	skipped_count: number;
	skipped: { what: string; name: string | null; reason: string }[];
};

function Skipped({ report }: { report: Report }) {
	if (report.skipped.length === 0) return null;
	return (
		<Scroller label={t("psafile.skipped", { count: report.skipped_count })} className="rejected-box">
			<table className="table">
				<thead>
					<tr>
						<th>{t("imports.line")}</th>
						<th>{t("psafile.name")}</th>
						<th>{t("imports.reason")}</th>
					</tr>
				</thead>
				<tbody>
					{report.skipped.map((s) => (
						<tr key={`${s.what} ${s.reason}`}>
							<td>{s.what}</td>
							<td>
								<Name>{s.name ?? ""}</Name>
							</td>
							<td>{s.reason}</td>
						</tr>
					))}
				</tbody>
			</table>
		</Scroller>
	);
}

export function PsaFile() {
	const bring = useMutation({
		mutationFn: async (file: File) => {
			const report = await call<Report>("POST", "/psa/file", { query: { filename: file.name }, raw: file });
			await post("/psa/sync", { mode: "full" });
			return report;
		},
		onSuccess: () =>
			Promise.all([client.invalidateQueries({ queryKey: ["jobs"] }), client.invalidateQueries({ queryKey: ["psa"] })]),
	});
	const report = bring.data;
	return (
		<section className="stack">
			<div>
				<h2>{t("psafile.title")}</h2>
				<p className="muted">{t("psafile.text")}</p>
			</div>
			<FileDrop
				title={t("psafile.drop")}
				help={t("psafile.help")}
				types={[".csv", ".tsv", ".txt", ".xlsx"]}
				sending={bring.isPending ? bring.variables.name : null}
				onFile={(file) => bring.mutate(file)}
			/>
			{bring.error && <ErrorNotice error={bring.error} title={t("psafile.refused")} />}
			{report && (
				<Notice tone="good" title={t("psafile.taken")} live>
					{t("psafile.counts", {
						accounts: report.accounts,
						contracts: report.contracts,
						products: report.products,
						lines: report.lines,
					})}
				</Notice>
			)}
			{report && report.skipped_count > 0 && (
				<Notice tone="warn">{t("psafile.skipped", { count: report.skipped_count })}</Notice>
			)}
			{report && <Skipped report={report} />}
		</section>
	);
}
