// The token of an integration: made on request, shown once, never again.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { post } from "../../api/client";
import { client, useCan } from "../../api/hooks";
import type { Integration } from "../../api/types";
import { t } from "../../i18n";
import { ago } from "../../lib/format";
import { Button, Confirm, CopyField, Notice, toastError } from "../../ui";

export type Made = { token: string; vendor_key: string; partner_key: string; base_url: string };

/** `onMade` gets a fresh token, for what else on the page wants to show it while it can be shown. */
export function Token({
	integration,
	onMade,
	bothKeys = false,
}: {
	integration: Integration;
	onMade?: (made: Made) => void;
	/** Show the two keys at once, for tools that ask for them. */
	bothKeys?: boolean;
}) {
	const can = useCan();
	const [made, setMade] = useState<Made | null>(null);
	const [asking, setAsking] = useState(false);
	const make = useMutation({
		mutationFn: () => post<Made>(`/integrations/${encodeURIComponent(integration.id)}/token`),
		onSuccess: (m) => {
			setMade(m);
			onMade?.(m);
			setAsking(false);
			return client.invalidateQueries({ queryKey: ["integrations"] });
		},
		onError: toastError,
	});
	const before = integration.token_created_at;
	return (
		<div className="stack">
			<p className="muted">{t("token.text")}</p>
			{made ? (
				<>
					<CopyField label={t("token.label")} value={made.token} action={t("token.copy")} />
					<Notice tone="warn">{t("token.once")}</Notice>
					<CopyField label={t("token.address")} value={made.base_url} />
					<details open={bothKeys}>
						<summary className="small">{t("token.keys")}</summary>
						<div className="stack token-keys">
							<CopyField label={t("token.vendor_key")} value={made.vendor_key} />
							<CopyField label={t("token.partner_key")} value={made.partner_key} />
						</div>
					</details>
				</>
			) : before ? (
				<p>{t("token.made", { when: ago(before) })}</p>
			) : (
				<div className="row">
					<Button
						variant="primary"
						icon="key"
						onPress={() => make.mutate()}
						isPending={make.isPending}
						isDisabled={!can.administer}
					>
						{t("token.generate")}
					</Button>
				</div>
			)}
			{(made || before) && (
				<div className="row">
					<Button icon="refresh" onPress={() => setAsking(true)} isDisabled={!can.administer}>
						{t("token.regenerate")}
					</Button>
				</div>
			)}
			<Confirm
				title={t("token.regenerate_title")}
				isOpen={asking}
				onClose={() => setAsking(false)}
				onConfirm={() => make.mutate()}
				isPending={make.isPending}
				action={t("token.regenerate_do")}
			>
				<p>{t("token.regenerate_text")}</p>
			</Confirm>
		</div>
	);
}
