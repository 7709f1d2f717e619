import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { type ApiError, patch } from "../../api/client";
import { client, useMe } from "../../api/hooks";
import { t } from "../../i18n";
import { Button, ErrorNotice, Panel, TextField, toast } from "../../ui";

export function Organization() {
	const me = useMe().data;
	const [name, setName] = useState(me?.organization.name ?? "");
	const [currency, setCurrency] = useState(me?.organization.currency ?? "");
	const save = useMutation({
		mutationFn: () => patch("/organization", { name, currency: currency.toUpperCase() }),
		onSuccess: () => {
			toast(t("action.saved"));
			return client.invalidateQueries({ queryKey: ["me"] });
		},
	});
	const error = save.error as ApiError | null;
	return (
		<Panel title={t("settings.tab.organization")} text={t("settings.organization_text")}>
			<Form
				className="form"
				onSubmit={(e) => {
					e.preventDefault();
					save.mutate();
				}}
			>
				{error && error.errors.length === 0 && <ErrorNotice error={error} />}
				<TextField label={t("setup.organization")} value={name} onChange={setName} error={error?.at("/name")} />
				<TextField
					label={t("setup.currency")}
					help={t("setup.currency_help")}
					value={currency}
					onChange={setCurrency}
					maxLength={3}
					error={error?.at("/currency")}
				/>
				<div className="form-actions">
					<Button type="submit" variant="primary" isPending={save.isPending}>
						{t("action.save")}
					</Button>
				</div>
			</Form>
		</Panel>
	);
}
