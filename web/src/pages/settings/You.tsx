import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { type ApiError, post } from "../../api/client";
import { useMe } from "../../api/hooks";
import { t } from "../../i18n";
import { Button, ErrorNotice, Panel, TextField, toast } from "../../ui";
import { Passkeys } from "./Passkeys";
import { Second } from "./Second";

export function You() {
	const me = useMe().data;
	const [current, setCurrent] = useState("");
	const [password, setPassword] = useState("");
	const change = useMutation({
		mutationFn: () => post("/me/password", { current, password }),
		onSuccess: () => {
			setCurrent("");
			setPassword("");
			toast(t("settings.password_done"));
		},
	});
	const error = change.error as ApiError | null;
	const placed = error?.at("/current") ?? error?.at("/password");
	return (
		<>
			<Panel
				title={me?.user?.name ?? t("settings.tab.you")}
				text={me?.user && t("settings.you_text", { email: me.user.email, role: t(`role.${me.role}`) })}
			>
				<Form
					className="form"
					onSubmit={(e) => {
						e.preventDefault();
						change.mutate();
					}}
				>
					<h3>{t("settings.password_title")}</h3>
					{error && !placed && <ErrorNotice error={error} />}
					<input type="text" hidden readOnly autoComplete="username" value={me?.user?.email ?? ""} />
					<TextField
						label={t("settings.password_current")}
						type="password"
						autoComplete="current-password"
						value={current}
						onChange={setCurrent}
						error={error?.at("/current")}
					/>
					<TextField
						label={t("settings.password_new")}
						help={t("invite.password_help")}
						type="password"
						autoComplete="new-password"
						value={password}
						onChange={setPassword}
						error={error?.at("/password")}
					/>
					<div className="form-actions">
						<Button type="submit" variant="primary" isPending={change.isPending} isDisabled={!current || !password}>
							{t("settings.password_do")}
						</Button>
					</div>
				</Form>
			</Panel>
			{me?.user && <Passkeys />}
			{me?.user && <Second />}
		</>
	);
}
