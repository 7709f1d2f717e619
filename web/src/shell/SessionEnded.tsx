// Signing in again over the page one was at work on.
import { client } from "../api/hooks";
import { sessionBack } from "../api/session";
import { t } from "../i18n";
import { PasskeyButton, usePasskeyOffer } from "../pages/front/PasskeyButton";
import { PasswordForm } from "../pages/front/PasswordForm";
import { Dialog } from "../ui";
import "../i18n/en/setup";
import "../i18n/en/sso";

async function back() {
	sessionBack();
	await client.invalidateQueries();
}

function OtherWays() {
	return usePasskeyOffer() ? <PasskeyButton onDone={back} /> : null;
}

export function SessionEnded() {
	return (
		<Dialog title={t("session.expired")} isOpen onClose={() => {}} keep size="small">
			<div className="stack">
				<p className="muted">{t("session.expired_detail")}</p>
				<PasswordForm onDone={back} />
				<OtherWays />
			</div>
		</Dialog>
	);
}
