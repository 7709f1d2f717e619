import { useSyncExternalStore } from "react";
import { t } from "../i18n";
import { Button, IconButton } from "./button";
import { cx } from "./cx";
import { errorText, type Tone } from "./feedback";
import { Icon } from "./icons";

type Toast = {
	id: number;
	key: string | undefined;
	tone: Tone;
	text: string;
	action?: { label: string; run: () => void };
};

const SHOW_MS = 6000;
const SHOW_ACTION_MS = 12000;
const MOST = 4;

let toasts: Toast[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(list: Toast[]) {
	toasts = list;
	for (const f of listeners) f();
}

const dismiss = (id: number) => set(toasts.filter((x) => x.id !== id));

/** Says something that just happened. Errors stay until dismissed; one of the same `key` takes the place of the last. */
export function toast(
	text: string,
	{ tone = "good", action, key }: { tone?: Tone; action?: Toast["action"]; key?: string } = {},
) {
	const id = next++;
	const one: Toast = { id, key, tone, text };
	if (action) one.action = action;
	set([...toasts.filter((x) => !key || x.key !== key).slice(1 - MOST), one]);
	if (tone !== "bad") setTimeout(() => dismiss(id), action ? SHOW_ACTION_MS : SHOW_MS);
}

/** Takes a message back whose time is over. */
export const endToast = (key: string) => set(toasts.filter((x) => x.key !== key));

export const toastError = (error: unknown) => toast(errorText(error), { tone: "bad" });

export function Toasts() {
	const list = useSyncExternalStore(
		(f) => {
			listeners.add(f);
			return () => listeners.delete(f);
		},
		() => toasts,
	);
	return (
		<section className="toasts" aria-label={t("toast.region")} aria-live="polite">
			{list.map((x) => (
				<div key={x.id} className={cx("toast", `toast-${x.tone}`)} role={x.tone === "bad" ? "alert" : undefined}>
					<Icon name={x.tone === "bad" ? "warning" : x.tone === "good" ? "check" : "info"} size={18} />
					<span className="toast-text">{x.text}</span>
					{x.action && (
						<Button
							size="small"
							onPress={() => {
								x.action?.run();
								dismiss(x.id);
							}}
						>
							{x.action.label}
						</Button>
					)}
					<IconButton size="small" icon="x" label={t("toast.dismiss")} onPress={() => dismiss(x.id)} />
				</div>
			))}
		</section>
	);
}
