// Settings of an integration that is fetched from: Save and Test, as for the PSA.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { type ApiError, patch, post } from "../../api/client";
import { client, useCan } from "../../api/hooks";
import type { Check, Integration, Vendor } from "../../api/types";
import { t } from "../../i18n";
import { Button, ErrorNotice, Notice, toast, toastError } from "../../ui";
import { SettingFields, settingsComplete, type SettingValues, withDefaults, withoutSecrets } from "../../ui/settings";
import { Checks } from "../settings/PsaForm";

export function Credentials({ integration, vendor }: { integration: Integration; vendor: Vendor }) {
	const can = useCan();
	const [values, setValues] = useState<SettingValues>({ ...integration.settings });
	const path = `/integrations/${encodeURIComponent(integration.id)}`;
	const stored = integration.secrets_set.length > 0;
	const test = useMutation({
		mutationFn: async () => {
			await patch(path, { settings: withDefaults(vendor.settings, values) });
			return await post<{ ok: boolean; checks: Check[] }>(`${path}/test`);
		},
		onSettled: async (result) => {
			await client.invalidateQueries({ queryKey: ["integrations"] });
			if (result?.ok) setValues((v) => withoutSecrets(vendor.settings, v));
		},
	});
	const error = test.error as ApiError | null;
	const errorAt = (name: string) => error?.at(`/settings/${name}`);
	const placed = vendor.settings.some((s) => errorAt(s.name));
	return (
		<Form
			className="form"
			onSubmit={(e) => {
				e.preventDefault();
				test.mutate();
			}}
		>
			<p className="muted">{t("fetch.text")}</p>
			<SettingFields
				settings={vendor.settings}
				values={values}
				onChange={setValues}
				errorAt={errorAt}
				secretsStored={stored}
			/>
			{error && !placed && <ErrorNotice error={error} />}
			{test.isPending && <Notice live>{t("psa.testing")}</Notice>}
			{test.data && !test.isPending && <Checks result={test.data} />}
			<div className="form-actions">
				<Button
					type="submit"
					variant="primary"
					isPending={test.isPending}
					isDisabled={!can.administer || !settingsComplete(vendor.settings, values, stored)}
				>
					{t("psa.save_and_test")}
				</Button>
			</div>
		</Form>
	);
}

export function FetchNow({ integration }: { integration: Integration }) {
	const run = useMutation({
		mutationFn: () => post(`/integrations/${encodeURIComponent(integration.id)}/sync`),
		onSuccess: () => {
			toast(t("syncpage.started", { count: 1 }));
			return client.invalidateQueries({ queryKey: ["jobs"] });
		},
		onError: toastError,
	});
	return (
		<div className="stack">
			<p className="muted">{t("fetch.now_text")}</p>
			<div className="row">
				<Button variant="primary" icon="sync" onPress={() => run.mutate()} isPending={run.isPending}>
					{t("fetch.now")}
				</Button>
			</div>
		</div>
	);
}
