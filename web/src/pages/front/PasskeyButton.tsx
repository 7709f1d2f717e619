// Signing in with a passkey: there when somebody of this server has one and this browser can.
import { useMutation, useQuery } from "@tanstack/react-query";
import { call, get } from "../../api/client";
import { t } from "../../i18n";
import { known, type Offer, Stopped, use } from "../../lib/passkey";
import { Button, ErrorNotice, Notice } from "../../ui";

const ask = () => get<Offer>("/session/passkey");

export function usePasskeyOffer() {
	const offer = useQuery({ queryKey: ["session", "passkey"], queryFn: ask, retry: false, enabled: known() });
	return !!offer.data?.any && offer.data.rp_id === location.hostname;
}

export function PasskeyButton({ onDone }: { onDone: () => unknown }) {
	const enter = useMutation({
		// The challenge is asked for anew: the page may have been open for hours.
		mutationFn: async () => call("POST", "/session/passkey", { body: await use(await ask()), quiet401: true }),
		onSuccess: onDone,
	});
	return (
		<>
			{enter.error &&
				(enter.error instanceof Stopped ? (
					<Notice live>{t("passkeys.stopped")}</Notice>
				) : (
					<ErrorNotice error={enter.error} />
				))}
			<Button className="signin-else" onPress={() => enter.mutate()} isPending={enter.isPending}>
				{t("signin.passkey")}
			</Button>
		</>
	);
}
