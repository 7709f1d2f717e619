// The form of e-mail and password, and the second factor that any way in may ask for.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { type ApiError, call } from "../../api/client";
import { t } from "../../i18n";
import { Button, ErrorNotice, TextField } from "../../ui";

/** The second factor is asked for when the server says that its code is missing, and from then on. */
export function useCode(error: ApiError | null) {
	const [code, setCode] = useState("");
	const [tried, setTried] = useState(false);
	const asked = error?.at("/code");
	const [needed, setNeeded] = useState(false);
	if (asked && !needed) setNeeded(true);
	const field = needed && (
		<TextField
			label={t("signin.code")}
			help={t("signin.code_help")}
			name="code"
			autoComplete="one-time-code"
			inputMode="numeric"
			value={code}
			onChange={setCode}
			error={tried ? asked : undefined}
			autoFocus
		/>
	);
	return { code: code || undefined, field, missing: needed && !code, onSubmit: () => setTried(needed) };
}

export function PasswordForm({ onDone }: { onDone: () => unknown }) {
	const [email, setEmail] = useState("");
	const [password, setPassword] = useState("");
	const signIn = useMutation({
		mutationFn: (code: string | undefined) =>
			call("POST", "/session", { body: { email, password, code }, quiet401: true }),
		onSuccess: onDone,
	});
	const error = signIn.error as ApiError | null;
	const second = useCode(error);
	const mine = error?.at("/email") ?? error?.at("/password") ?? error?.at("/code");
	return (
		<Form
			className="form"
			onSubmit={(e) => {
				e.preventDefault();
				second.onSubmit();
				signIn.mutate(second.code);
			}}
		>
			{error && !mine && <ErrorNotice error={error} />}
			<TextField
				label={t("signin.email")}
				type="email"
				name="email"
				autoComplete="username"
				value={email}
				onChange={setEmail}
				error={error?.at("/email")}
				autoFocus
			/>
			<TextField
				label={t("signin.password")}
				type="password"
				name="password"
				autoComplete="current-password"
				value={password}
				onChange={setPassword}
				error={error?.at("/password")}
			/>
			{second.field}
			<Button
				type="submit"
				variant="primary"
				isPending={signIn.isPending}
				isDisabled={!email || !password || second.missing}
			>
				{t("signin.submit")}
			</Button>
		</Form>
	);
}
