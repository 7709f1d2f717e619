import { useMutation } from "@tanstack/react-query";
import { post } from "../../api/client";
import { client, useMe, usePsa } from "../../api/hooks";
import { t } from "../../i18n";
import { usePlace } from "../../lib/router";
import { Button, Notice, Panel, toast, toastError } from "../../ui";
import { PsaForm } from "./PsaForm";
import { SwitchPanel, SwitchReview } from "./Switch";

export function Psa() {
	return usePlace().parts[2] === "switch" ? <SwitchReview /> : <Connection />;
}

function Connection() {
	const psa = usePsa().data;
	const demo = useMe().data?.demo;
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
				{demo ? <Notice title={t("demo.psa")}>{t("demo.psa_text")}</Notice> : <PsaForm />}
			</Panel>
			{!demo && <SwitchPanel />}
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
