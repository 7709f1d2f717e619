// How a file is read: whose counts these are, its heading and columns, its marks; with what would become of each row.
import { useMutation } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { type ApiError, post } from "../../api/client";
import { client, useCan } from "../../api/hooks";
import type { Integration } from "../../api/types";
import { t } from "../../i18n";
import { setQuery } from "../../lib/router";
import {
	Button,
	ButtonLink,
	Dialog,
	ErrorNotice,
	Notice,
	type Option,
	Panel,
	Select,
	Switch,
	TextField,
	toast,
} from "../../ui";
import { useIntegrations } from "../integrations/data";
import {
	FIELDS,
	type Field,
	type ImportOptions,
	type ImportSettings,
	type Look,
	runImport,
	useLook,
	type WholeImport,
} from "./data";
import { Preview } from "./Preview";

const PAUSE_MS = 250;
const NONE = "none";
const FIXED = "fixed";
const ENCODINGS = ["utf-8", "utf-16le", "utf-16be", "windows-1252"];
const DELIMITERS = [",", ";", "\t", "|"];
const MARKS = {
	",": "comma",
	".": "dot",
	"'": "apostrophe",
	" ": "space",
	";": "semicolon",
	"\t": "tab",
	"|": "bar",
} as const;

const markName = (mark: string) => (mark in MARKS ? t(`imports.mark.${MARKS[mark as keyof typeof MARKS]}`) : mark);

type Set = (change: Partial<ImportSettings>) => void;
type SetOption = (change: Partial<ImportOptions>) => void;

/** The last value that stood still for a moment. */
function useCalm<T>(value: T): T {
	const [calm, setCalm] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => setCalm(value), PAUSE_MS);
		return () => clearTimeout(timer);
	}, [value]);
	return calm;
}

function NewIntegration({ onClose, onMade }: { onClose: () => void; onMade: (made: Integration) => void }) {
	const [name, setName] = useState("");
	const make = useMutation({
		mutationFn: () => post<Integration>("/integrations", { vendor: "custom", name: name.trim(), modules: ["billing"] }),
		onSuccess: async (made) => {
			await client.invalidateQueries({ queryKey: ["integrations"] });
			onMade(made);
		},
	});
	const error = make.error as ApiError | null;
	return (
		<Dialog
			title={t("imports.new_integration")}
			isOpen
			onClose={onClose}
			size="small"
			footer={
				<>
					<Button onPress={onClose}>{t("action.cancel")}</Button>
					<Button
						variant="primary"
						onPress={() => make.mutate()}
						isPending={make.isPending}
						isDisabled={name.trim() === ""}
					>
						{t("imports.make")}
					</Button>
				</>
			}
		>
			<div className="form">
				<TextField
					label={t("connect.name")}
					help={t("imports.new_help")}
					value={name}
					onChange={setName}
					maxLength={200}
					error={error?.at("/name")}
					autoFocus
				/>
				{error && error.errors.length === 0 && <ErrorNotice error={error} />}
			</div>
		</Dialog>
	);
}

function Whose({ value, onChange }: { value: string; onChange: (id: string) => void }) {
	const can = useCan();
	const list = (useIntegrations().data ?? []).filter((i) => !i.disconnected_at);
	const [making, setMaking] = useState(false);
	const options: Option[] = [
		{ id: "", label: t("imports.whose_choose") },
		...list.map((i) => ({ id: i.id, label: i.name, detail: i.vendor_name })),
	];
	return (
		<Panel title={t("imports.whose")} text={t("imports.whose_text")}>
			<div className="row wrap whose">
				<Select
					label={t("imports.integration")}
					hideLabel
					className="grow"
					options={options}
					value={list.some((i) => i.id === value) ? value : ""}
					onChange={onChange}
				/>
				{can.administer && (
					<Button icon="plus" onPress={() => setMaking(true)}>
						{t("imports.new_integration")}
					</Button>
				)}
			</div>
			{making && (
				<NewIntegration
					onClose={() => setMaking(false)}
					onMade={(made) => {
						onChange(made.id);
						setMaking(false);
					}}
				/>
			)}
		</Panel>
	);
}

function FieldChoice({
	field,
	columns,
	settings,
	set,
	setOption,
	error,
}: {
	field: Field;
	columns: string[];
	settings: ImportSettings;
	set: Set;
	setOption: SetOption;
	error: string | undefined;
}) {
	const at = settings.columns[field];
	const fixable = field === "account" || field === "service";
	const fixed = fixable ? settings.options[field] : null;
	const options: Option[] = [
		{ id: NONE, label: t(field === "quantity" ? "imports.column_choose" : "imports.column_none") },
		...(fixable ? [{ id: FIXED, label: t(`imports.fixed_${field}`) }] : []),
		...columns.map((label, i) => ({ id: String(i), label })),
	];
	const choose = (id: string) => {
		const rest = { ...settings.columns };
		delete rest[field];
		if (id !== NONE && id !== FIXED) rest[field] = Number.parseInt(id, 10);
		set({
			columns: rest,
			...(fixable ? { options: { ...settings.options, [field]: id === FIXED ? (fixed ?? "") : null } } : {}),
		});
	};
	return (
		<div className="stack-s">
			<Select
				label={t(`imports.field.${field}`)}
				options={options}
				value={fixed !== null ? FIXED : at === undefined || at >= columns.length ? NONE : String(at)}
				onChange={choose}
				error={error}
			/>
			{fixable && fixed !== null && (
				<TextField
					label={t(`imports.fixed_${field}_name`)}
					value={fixed}
					onChange={(v) => setOption({ [field]: v })}
					maxLength={255}
				/>
			)}
		</div>
	);
}

function Reading({
	look,
	settings,
	set,
	setOption,
	error,
}: {
	look: Look;
	settings: ImportSettings;
	set: Set;
	setOption: SetOption;
	error: ApiError | null;
}) {
	const o = settings.options;
	const found = look.detected;
	const text = found.format !== "xlsx";
	const [row, setRow] = useState(String(settings.header_row));
	const auto = (what: string): Option => ({ id: "", label: t("imports.found", { what }) });
	const marks = (list: string[]): Option[] => list.map((m) => ({ id: m, label: markName(m) }));
	return (
		<div className="reading">
			<TextField
				label={t("imports.header_row")}
				help={t("imports.header_help")}
				inputMode="numeric"
				value={row}
				onChange={(v) => {
					setRow(v);
					if (/^\d{1,2}$/.test(v)) set({ header_row: Number.parseInt(v, 10) });
				}}
				error={error?.at("/header_row")}
			/>
			<Select
				label={t("imports.decimal")}
				options={marks([".", ","])}
				value={o.decimal}
				onChange={(decimal) =>
					setOption({ decimal, thousands: o.thousands === decimal ? (decimal === "," ? "." : ",") : o.thousands })
				}
				error={error?.at("/options/decimal")}
			/>
			<Select
				label={t("imports.thousands")}
				options={[
					{ id: "", label: t("imports.mark.none") },
					...marks([",", ".", "'", " "].filter((m) => m !== o.decimal)),
				]}
				value={o.thousands}
				onChange={(thousands) => setOption({ thousands })}
				error={error?.at("/options/thousands")}
			/>
			{text ? (
				<>
					<Select
						label={t("imports.delimiter")}
						options={[auto(markName(found.delimiter ?? "")), ...marks(DELIMITERS)]}
						value={o.delimiter ?? ""}
						onChange={(d) => {
							const { delimiter: _, ...rest } = o;
							set({ options: d ? { ...rest, delimiter: d } : rest });
						}}
					/>
					<Select
						label={t("imports.encoding")}
						options={[auto(found.encoding), ...ENCODINGS.map((id) => ({ id, label: id }))]}
						value={o.encoding ?? ""}
						onChange={(e) => setOption({ encoding: e || null })}
					/>
				</>
			) : (
				<TextField
					label={t("imports.worksheet")}
					help={t("imports.worksheet_help")}
					value={o.worksheet ?? found.worksheet ?? ""}
					onChange={(w) => setOption({ worksheet: w || null })}
					error={error?.at("/options/worksheet")}
				/>
			)}
		</div>
	);
}

function Ways({ settings, setOption }: { settings: ImportSettings; setOption: SetOption }) {
	const o = settings.options;
	return (
		<div className="stack">
			{(["aggregate", "complete", "skip_rejected"] as const).map((name) => (
				<div key={name} className="stack-s">
					<Switch isSelected={o[name]} onChange={(on) => setOption({ [name]: on })}>
						{t(`imports.option.${name}`)}
					</Switch>
					<span className="field-help">{t(`imports.option.${name}_help`)}</span>
				</div>
			))}
		</div>
	);
}

/** Why the file cannot be run yet; null when it can. */
function lacking(settings: ImportSettings, integration: string, look: Look, error: unknown) {
	const { columns, options } = settings;
	if (!integration) return t("imports.need_integration");
	if (columns.account === undefined && !options.account) return t("imports.need_account");
	if (columns.service === undefined && !options.service) return t("imports.need_service");
	if (columns.quantity === undefined) return t("imports.need_quantity");
	if (error) return t("imports.need_mending");
	if (look.rows.accepted === 0) return t("imports.need_rows");
	if (look.rows.rejected > 0 && !options.skip_rejected) return t("imports.need_good", { count: look.rows.rejected });
	return null;
}

const letters = (n: number): string =>
	(n < 26 ? "" : letters(Math.floor(n / 26) - 1)) + String.fromCharCode(65 + (n % 26));

/** Names for the columns as a person sees them: the heading, or a letter as spreadsheets have it. */
function columnsOf(look: Look) {
	const width = Math.max(look.detected.columns.length, ...look.preview.map((r) => r.cells.length), 0);
	return Array.from(
		{ length: width },
		(_, i) => look.detected.columns[i]?.trim() || t("imports.column", { letter: letters(i) }),
	);
}

export function ImportSetup({ it, first, wanted }: { it: WholeImport; first: Look; wanted: string }) {
	const [settings, setSettings] = useState(first.settings);
	const [integration, setIntegration] = useState(wanted);
	const [profile, setProfile] = useState("");
	const set: Set = (change) => setSettings((s) => ({ ...s, ...change }));
	const setOption: SetOption = (change) => setSettings((s) => ({ ...s, options: { ...s.options, ...change } }));
	const calm = useCalm(settings);
	const answer = useLook(it.id, calm === first.settings ? null : calm);
	const look = answer.data ?? first;
	const columns = useMemo(() => columnsOf(look), [look]);
	const run = useMutation({
		mutationFn: () => runImport(it.id, settings, integration, profile),
		onSuccess: () => toast(t("imports.started")),
	});
	const error = (run.error ?? answer.error) as ApiError | null;
	// What is shown and counted must be of the settings as they are now: a press in between would run what nobody saw, and a
	// button that goes off under the finger loses the press.
	const checked = calm === settings && !answer.isFetching && !answer.isPlaceholderData;
	const lack = lacking(settings, integration, look, answer.error);
	const reason = lack ?? (checked ? null : t("imports.checking"));
	const twin = look.duplicate_of;
	return (
		<div className="stack">
			{twin && (
				<Notice
					tone="warn"
					title={t("imports.twin")}
					action={
						<ButtonLink size="small" href={`/imports/${encodeURIComponent(twin)}`}>
							{t("imports.twin_open")}
						</ButtonLink>
					}
				>
					{t("imports.twin_text")}
				</Notice>
			)}
			{first.profile && <Notice tone="good">{t("imports.known")}</Notice>}
			<Whose
				value={integration}
				onChange={(id) => {
					setIntegration(id);
					setQuery({ integration: id || null });
				}}
			/>
			<Panel title={t("imports.columns")} text={t("imports.columns_text")}>
				<div className="stack">
					<div className="reading">
						{FIELDS.map((field) => (
							<FieldChoice
								key={field}
								field={field}
								columns={columns}
								settings={settings}
								set={set}
								setOption={setOption}
								error={error?.at(`/columns/${field}`)}
							/>
						))}
					</div>
					<details>
						<summary>{t("imports.reading")}</summary>
						<Reading look={look} settings={settings} set={set} setOption={setOption} error={error} />
					</details>
				</div>
			</Panel>
			<Preview look={look} settings={settings} columns={columns} busy={!checked} />
			<Panel title={t("imports.ways")}>
				<Ways settings={settings} setOption={setOption} />
			</Panel>
			<Panel>
				<div className="stack">
					<TextField
						label={`${t("imports.save_profile")} (${t("field.optional")})`}
						help={t("imports.save_profile_help")}
						value={profile}
						onChange={setProfile}
						maxLength={200}
					/>
					{error && <ErrorNotice error={error} />}
					<div className="row wrap">
						<Button
							variant="primary"
							onPress={() => run.mutate()}
							isPending={run.isPending}
							isDisabled={reason !== null || !checked}
							aria-describedby="import-reason"
						>
							{t("imports.run", { count: look.rows.accepted })}
						</Button>
						<span id="import-reason" className="grow muted" role="status">
							{reason}
						</span>
					</div>
				</div>
			</Panel>
		</div>
	);
}
