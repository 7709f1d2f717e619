// While the organization holds demo data: a line on every page that says so, and the way to one's own PSA.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, del } from "../api/client";
import { client, useCan, useMe } from "../api/hooks";
import type { Me } from "../api/types";
import { t } from "../i18n";
import { navigate } from "../lib/router";
import { Button, ErrorNotice, Icon, LaterConfirm } from "../ui";
import { noteOwn } from "./fresh";

/** What is known of the demo is forgotten; who is signed in is not. */
function leave() {
	client.setQueryData<Me | null>(["me"], (me) => me && { ...me, demo: false });
	navigate("/setup");
	void client.resetQueries({ predicate: (q) => q.queryKey[0] !== "me" });
}

const TRIES = 60;
const PAUSE_MS = 1000;

/** A sync that still runs ends first. */
async function clear() {
	for (let n = 1; ; n++) {
		try {
			return await del("/demo");
		} catch (error) {
			if (!(error instanceof ApiError) || error.status !== 503 || n === TRIES) throw error;
			await new Promise((done) => setTimeout(done, PAUSE_MS));
		}
	}
}

export function DemoBanner() {
	const me = useMe().data;
	const can = useCan();
	const [asking, setAsking] = useState(false);
	const end = useMutation({ mutationFn: clear, onMutate: noteOwn, onSuccess: leave });
	if (!me?.demo) return null;
	return (
		<aside className="demo-banner" aria-label={t("demo.label")}>
			<Icon name="info" size={18} />
			<p>
				<span className="strong">{t("demo.label")}</span> <span className="demo-more">{t("demo.banner")}</span>
			</p>
			{can.administer && (
				<Button size="small" onPress={() => setAsking(true)}>
					{t("demo.start")}
				</Button>
			)}
			{asking && (
				<LaterConfirm
					title={t("demo.start_title")}
					isOpen
					onClose={() => setAsking(false)}
					onConfirm={() => end.mutate()}
					action={t("demo.start_confirm")}
					variant="primary"
					isPending={end.isPending}
				>
					<div className="stack-s">
						<p>{t("demo.start_text")}</p>
						<p className="muted">{t("demo.start_stays")}</p>
						{end.error && <ErrorNotice error={end.error} />}
					</div>
				</LaterConfirm>
			)}
		</aside>
	);
}
