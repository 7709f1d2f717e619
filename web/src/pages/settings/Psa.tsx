import { useMutation } from "@tanstack/react-query";
import { post } from "../../api/client";
import { client, usePsa } from "../../api/hooks";
import { t } from "../../i18n";
import { Button, Panel, toast, toastError } from "../../ui";
import { PsaForm } from "./PsaForm";

export function Psa() {
	const psa = usePsa().data;
	const full = useMutation({
		mutationFn: () => post("/psa/sync", { mode: "full" }),
		onSuccess: () => {
			toast(t("settings.psa_started"));
			return client.invalidateQueries({ queryKey: ["jobs"] });
		},
		onError: toastError,
	});
	return (
		<>
			<Panel title={t("settings.tab.psa")} text={t("settings.psa_text")}>
				<PsaForm />
			</Panel>
			{psa && (
				<Panel title={t("settings.psa_full")} text={t("settings.psa_full_text")}>
					<Button icon="sync" onPress={() => full.mutate()} isPending={full.isPending}>
						{t("settings.psa_full")}
					</Button>
				</Panel>
			)}
		</>
	);
}
