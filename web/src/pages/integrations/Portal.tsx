// The way to the vendor's own console: its steps, its address, the button that opens it.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type ApiError, patch } from "../../api/client";
import { client, useCan } from "../../api/hooks";
import type { Integration, Vendor } from "../../api/types";
import { t } from "../../i18n";
import { safeHref } from "../../lib/links";
import { Button, ButtonLink, TextField } from "../../ui";

export function Portal({ integration, vendor }: { integration: Integration; vendor: Vendor | undefined }) {
	const can = useCan();
	const href = safeHref(integration.portal_url);
	const [editing, setEditing] = useState(false);
	const [address, setAddress] = useState(integration.portal_url ?? "");
	const save = useMutation({
		mutationFn: () =>
			patch(`/integrations/${encodeURIComponent(integration.id)}`, { portal_url: address.trim() || null }),
		onSuccess: async () => {
			await client.invalidateQueries({ queryKey: ["integrations"] });
			setEditing(false);
		},
	});
	const error = save.error as ApiError | null;
	const form = editing || !href;
	return (
		<div className="stack">
			{vendor?.how && <p className="muted">{vendor.how}</p>}
			{href && (
				<div className="row wrap">
					<ButtonLink href={href} target="_blank" rel="noopener noreferrer" icon="external" variant="primary">
						{t("portal.open")}
						<span className="visually-hidden"> ({t("portal.new_tab")})</span>
					</ButtonLink>
					{!editing && can.administer && (
						<Button variant="quiet" onPress={() => setEditing(true)}>
							{t("portal.change")}
						</Button>
					)}
				</div>
			)}
			{form && can.administer && (
				<div className="portal-form">
					<TextField
						label={t("portal.address")}
						help={href ? undefined : t("portal.none")}
						type="url"
						placeholder="https://"
						value={address}
						onChange={setAddress}
						error={error ? (error.at("/portal_url") ?? error.detail) : undefined}
					/>
					<Button onPress={() => save.mutate()} isPending={save.isPending}>
						{t("action.save")}
					</Button>
				</div>
			)}
		</div>
	);
}
