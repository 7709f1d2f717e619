// One's own passkeys: added from this browser, named, removed.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type ApiError, del, get, post } from "../../api/client";
import { client } from "../../api/hooks";
import { t } from "../../i18n";
import { ago } from "../../lib/format";
import { known, make, Stopped, There, type Wanted } from "../../lib/passkey";
import {
	Button,
	Confirm,
	Dialog,
	ErrorNotice,
	Loading,
	Name,
	Notice,
	Panel,
	TextField,
	toast,
	toastError,
} from "../../ui";

type Passkey = { id: string; name: string; credential: string; created_at: string; used_at: string | null };
type Mine = { on: boolean; rp_id: string | null; items: Passkey[] };

const reload = () => client.invalidateQueries({ queryKey: ["passkeys"] });

/** What went wrong at the browser, in words; at the server, in the server's. */
function Failure({ error }: { error: Error }) {
	if (error instanceof Stopped) return <Notice live>{t("passkeys.stopped")}</Notice>;
	if (error instanceof There) return <Notice live>{t("passkeys.there")}</Notice>;
	return <ErrorNotice error={error} />;
}

function New({ onClose }: { onClose: () => void }) {
	const [name, setName] = useState("");
	const add = useMutation({
		mutationFn: async () => {
			const answer = await make(await post<Wanted>("/me/passkeys/challenge"));
			await post("/me/passkeys", { name: name.trim(), ...answer });
		},
		onSuccess: () => {
			toast(t("passkeys.added"));
			onClose();
			return reload();
		},
	});
	const bad = (add.error as ApiError | null)?.at?.("/name");
	return (
		<Dialog
			title={t("passkeys.add")}
			isOpen
			onClose={onClose}
			size="small"
			footer={
				<>
					<Button onPress={onClose}>{t("action.cancel")}</Button>
					<Button variant="primary" onPress={() => add.mutate()} isPending={add.isPending} isDisabled={!name.trim()}>
						{t("passkeys.go_on")}
					</Button>
				</>
			}
		>
			<form
				className="form"
				onSubmit={(e) => {
					e.preventDefault();
					if (name.trim() && !add.isPending) add.mutate();
				}}
			>
				{add.error && !bad && <Failure error={add.error} />}
				<TextField
					label={t("passkeys.name")}
					help={t("passkeys.name_help")}
					value={name}
					onChange={setName}
					maxLength={100}
					error={bad}
					autoFocus
				/>
			</form>
		</Dialog>
	);
}

function Row({ passkey }: { passkey: Passkey }) {
	const [asking, setAsking] = useState(false);
	const remove = useMutation({
		mutationFn: () => del(`/me/passkeys/${encodeURIComponent(passkey.id)}`),
		onSuccess: () => {
			setAsking(false);
			return reload();
		},
		onError: toastError,
	});
	return (
		<li className="person">
			<span className="grow">
				<Name className="strong">{passkey.name}</Name>
				<span className="small muted">
					{t("passkeys.made", { when: ago(passkey.created_at) })}
					{" · "}
					{passkey.used_at ? t("passkeys.used", { when: ago(passkey.used_at) }) : t("passkeys.unused")}
				</span>
			</span>
			<Button size="small" onPress={() => setAsking(true)} aria-label={`${t("passkeys.remove")}: ${passkey.name}`}>
				{t("passkeys.remove")}
			</Button>
			<Confirm
				title={t("passkeys.remove_title", { name: passkey.name })}
				isOpen={asking}
				onClose={() => setAsking(false)}
				onConfirm={() => remove.mutate()}
				isPending={remove.isPending}
				action={t("passkeys.remove")}
			>
				<p>{t("passkeys.remove_text")}</p>
			</Confirm>
		</li>
	);
}

/** Why none can be added from here; null: one can. */
function why(mine: Mine) {
	if (!mine.on) return t("passkeys.off");
	if (mine.rp_id !== location.hostname) return t("passkeys.elsewhere", { host: mine.rp_id ?? "" });
	return known() ? null : t("passkeys.old");
}

export function Passkeys() {
	const [adding, setAdding] = useState(false);
	const mine = useQuery({ queryKey: ["passkeys"], queryFn: () => get<Mine>("/me/passkeys") });
	if (mine.error) return <ErrorNotice error={mine.error} onRetry={() => mine.refetch()} />;
	if (!mine.data) return <Loading rows={2} />;
	const not = why(mine.data);
	return (
		<Panel title={t("passkeys.title")} text={t("passkeys.text")}>
			<div className="stack">
				{mine.data.items.length > 0 ? (
					<ul className="people">
						{mine.data.items.map((k) => (
							<Row key={k.id} passkey={k} />
						))}
					</ul>
				) : (
					!not && <p className="muted">{t("passkeys.none")}</p>
				)}
				{not ? (
					<p className="muted small">{not}</p>
				) : (
					<div className="row">
						<Button onPress={() => setAdding(true)}>{t("passkeys.add")}</Button>
					</div>
				)}
			</div>
			{adding && <New onClose={() => setAdding(false)} />}
		</Panel>
	);
}
