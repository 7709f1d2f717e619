// Signing in at the company's identity provider: where it is, and which of its people have which role.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { type ApiError, apiUrl, del, get, put } from "../../api/client";
import { client } from "../../api/hooks";
import type { Role } from "../../api/types";
import { t } from "../../i18n";
import {
	Button,
	Chip,
	Confirm,
	CopyField,
	ErrorNotice,
	IconButton,
	Loading,
	Panel,
	Select,
	TextField,
	toast,
	toastError,
} from "../../ui";
import { roleOptions } from "./People";

type Sso = {
	issuer: string;
	client_id: string;
	role_claim: string | null;
	roles: Record<string, Role> | null;
	default_role: Role | null;
	secret_stored: boolean;
};
type Given = { key: number; value: string; role: Role };

const KEY = ["sso"];
const NOBODY = "nobody";

/** What each value of the claim gives. */
function Roles({ given, onChange }: { given: Given[]; onChange: (given: Given[]) => void }) {
	const change = (key: number, what: Partial<Given>) =>
		onChange(given.map((g) => (g.key === key ? { ...g, ...what } : g)));
	return (
		<div className="stack-s">
			<span className="field-label">{t("sso.roles")}</span>
			<span className="field-help">{t("sso.roles_help")}</span>
			{given.map((g) => (
				<div key={g.key} className="sso-role">
					<TextField
						aria-label={t("sso.value")}
						label={t("sso.value")}
						value={g.value}
						onChange={(value) => change(g.key, { value })}
						maxLength={200}
					/>
					<Select
						label={t("settings.role")}
						options={roleOptions()}
						value={g.role}
						onChange={(role) => change(g.key, { role })}
					/>
					<IconButton
						icon="x"
						label={t("sso.remove_value")}
						onPress={() => onChange(given.filter((o) => o.key !== g.key))}
					/>
				</div>
			))}
			<div className="row">
				<Button
					size="small"
					icon="plus"
					onPress={() =>
						onChange([...given, { key: Math.max(0, ...given.map((g) => g.key)) + 1, value: "", role: "viewer" }])
					}
				>
					{t("sso.add")}
				</Button>
			</div>
		</div>
	);
}

function Off() {
	const [asking, setAsking] = useState(false);
	const off = useMutation({
		mutationFn: () => del("/sso"),
		onSuccess: () => {
			setAsking(false);
			toast(t("sso.off_done"));
			return client.invalidateQueries({ queryKey: KEY });
		},
		onError: toastError,
	});
	return (
		<>
			<Button onPress={() => setAsking(true)}>{t("sso.off")}</Button>
			<Confirm
				title={t("sso.off_title")}
				isOpen={asking}
				onClose={() => setAsking(false)}
				onConfirm={() => off.mutate()}
				isPending={off.isPending}
				action={t("sso.off")}
			>
				<p>{t("sso.off_text")}</p>
			</Confirm>
		</>
	);
}

function SsoForm({ now }: { now: Sso | null }) {
	const [issuer, setIssuer] = useState(now?.issuer ?? "");
	const [id, setId] = useState(now?.client_id ?? "");
	const [secret, setSecret] = useState("");
	const [claim, setClaim] = useState(now?.role_claim ?? "");
	const [rest, setRest] = useState<Role | typeof NOBODY>(now?.default_role ?? NOBODY);
	const [given, setGiven] = useState<Given[]>(
		Object.entries(now?.roles ?? {}).map(([value, role], key) => ({ key, value, role })),
	);
	const save = useMutation({
		mutationFn: () => {
			const roles = Object.fromEntries(given.filter((g) => g.value.trim()).map((g) => [g.value.trim(), g.role]));
			return put("/sso", {
				issuer: issuer.trim(),
				client_id: id.trim(),
				...(secret ? { client_secret: secret } : {}),
				...(claim.trim() ? { role_claim: claim.trim() } : {}),
				...(Object.keys(roles).length ? { roles } : {}),
				...(rest === NOBODY ? {} : { default_role: rest }),
			});
		},
		onSuccess: () => {
			setSecret("");
			toast(t("action.saved"));
			return client.invalidateQueries({ queryKey: KEY });
		},
	});
	const error = save.error as ApiError | null;
	return (
		<Form
			className="form"
			onSubmit={(e) => {
				e.preventDefault();
				save.mutate();
			}}
		>
			{error && <ErrorNotice error={error} />}
			<CopyField label={t("sso.redirect")} value={location.origin + apiUrl("/session/sso/callback")} />
			<TextField
				label={t("sso.issuer")}
				help={t("sso.issuer_help")}
				inputMode="url"
				value={issuer}
				onChange={setIssuer}
				error={error?.at("/issuer")}
			/>
			<div className="form-row">
				<TextField
					label={t("sso.client_id")}
					value={id}
					onChange={setId}
					autoComplete="off"
					error={error?.at("/client_id")}
				/>
				<TextField
					label={`${t("sso.client_secret")} (${t("field.optional")})`}
					help={now?.secret_stored ? t("field.secret_kept") : t("sso.client_secret_help")}
					type="password"
					value={secret}
					onChange={setSecret}
					autoComplete="off"
					error={error?.at("/client_secret")}
				/>
			</div>
			<TextField
				label={`${t("sso.role_claim")} (${t("field.optional")})`}
				help={t("sso.role_claim_help")}
				value={claim}
				onChange={setClaim}
				error={error?.at("/role_claim") ?? error?.at("/roles")}
			/>
			{claim.trim() !== "" && <Roles given={given} onChange={setGiven} />}
			<Select
				label={t("sso.default_role")}
				help={t("sso.default_role_help")}
				options={[{ id: NOBODY, label: t("sso.refused") }, ...roleOptions()]}
				value={rest}
				onChange={setRest}
				error={error?.at("/default_role")}
			/>
			<div className="form-actions">
				{now && <Off />}
				<Button type="submit" variant="primary" isPending={save.isPending} isDisabled={!issuer.trim() || !id.trim()}>
					{t("action.save")}
				</Button>
			</div>
		</Form>
	);
}

export function SingleSignOn() {
	const sso = useQuery({ queryKey: KEY, queryFn: () => get<Sso | null>("/sso") });
	return (
		<Panel
			title={t("settings.tab.sso")}
			text={t("sso.text")}
			actions={sso.data && <Chip tone="good">{t("sso.on")}</Chip>}
		>
			{sso.error ? (
				<ErrorNotice error={sso.error} onRetry={() => sso.refetch()} />
			) : sso.data === undefined ? (
				<Loading />
			) : (
				<SsoForm key={sso.data?.issuer ?? ""} now={sso.data} />
			)}
		</Panel>
	);
}
