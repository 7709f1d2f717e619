// "What do you want to integrate?": the first dialog for every vendor.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type ApiError, post } from "../../api/client";
import { client, usePsaWords } from "../../api/hooks";
import type { Integration, Vendor } from "../../api/types";
import { t } from "../../i18n";
import { navigate } from "../../lib/router";
import { Button, Choices, Dialog, ErrorNotice, type Option, TextField } from "../../ui";
import { SettingFields, settingsComplete, type SettingValues, withDefaults } from "../../ui/settings";

type Choice = "billing" | "alerts" | "both";
type Way = "push" | "pull";

const MODULES: Record<Choice, string[]> = { billing: ["billing"], alerts: ["alerts"], both: ["billing", "alerts"] };

export function Connect({ vendor, onClose }: { vendor: Vendor; onClose: () => void }) {
	const offers = (["billing", "alerts", "both"] as Choice[]).filter((c) =>
		MODULES[c].every((m) => vendor.modules.includes(m)),
	);
	const [choice, setChoice] = useState<Choice | null>(offers.length === 1 ? (offers[0] ?? null) : null);
	const ways = vendor.connects.split("|").filter((w): w is Way => w === "push" || w === "pull");
	const [way, setWay] = useState<Way>(ways.includes("push") ? "push" : "pull");
	const [name, setName] = useState("");
	const [values, setValues] = useState<SettingValues>({});
	const asked = way === "pull" ? vendor.settings : [];
	const create = useMutation({
		mutationFn: () =>
			post<Integration>("/integrations", {
				vendor: vendor.id,
				name: name.trim() || undefined,
				modules: MODULES[choice ?? "billing"],
				settings: asked.length ? withDefaults(asked, values) : undefined,
			}),
		onSuccess: async (made) => {
			await client.invalidateQueries({ queryKey: ["integrations"] });
			navigate(`/integrations/${encodeURIComponent(made.id)}/setup`);
		},
	});
	const psa = usePsaWords();
	const error = create.error as ApiError | null;
	const options: Option<Choice>[] = offers.map((id) => ({
		id,
		label: t(`connect.module.${id}`),
		detail:
			id !== "billing" && psa && !psa.can.tickets
				? t(`connect.module.${id}_none`, { name: psa.name })
				: t(`connect.module.${id}_text`),
	}));
	const custom = vendor.id === "custom";
	const ready = choice && settingsComplete(asked, values, false) && (!custom || name.trim() !== "");
	return (
		<Dialog
			title={t("connect.title", { vendor: vendor.name })}
			isOpen
			onClose={onClose}
			footer={
				<>
					<Button onPress={onClose}>{t("action.cancel")}</Button>
					<Button variant="primary" onPress={() => create.mutate()} isPending={create.isPending} isDisabled={!ready}>
						{t("action.continue")}
					</Button>
				</>
			}
		>
			<div className="form">
				<p className="muted">{vendor.description}</p>
				<Choices label={t("connect.modules")} value={choice} onChange={setChoice} options={options} />
				{ways.length > 1 && (
					<Choices
						label={t("connect.way")}
						value={way}
						onChange={setWay}
						options={ways.map((id) => ({ id, label: t(`connect.way.${id}`), detail: t(`connect.way.${id}_text`) }))}
					/>
				)}
				<TextField
					label={custom ? t("connect.name") : `${t("connect.name")} (${t("field.optional")})`}
					help={t("connect.name_help")}
					placeholder={custom ? "" : vendor.name}
					value={name}
					onChange={setName}
					maxLength={200}
					error={error?.at("/name")}
				/>
				<SettingFields
					settings={asked}
					values={values}
					onChange={setValues}
					errorAt={(n) => error?.at(`/settings/${n}`)}
				/>
				{error && error.errors.length === 0 && <ErrorNotice error={error} />}
			</div>
		</Dialog>
	);
}
