import type { ReactNode } from "react";
import { t } from "../../i18n";
import { Logo } from "../../shell/Logo";
import { cx } from "../../ui";

/** A page in front of the tool: one card under the name. */
export function Front({ children, wide }: { children: ReactNode; wide?: boolean }) {
	return (
		<main id="main" className="front">
			<div className="front-brand">
				<Logo size={32} />
				{t("app.name")}
			</div>
			<div className={cx("front-card", wide && "front-card-wide")}>{children}</div>
		</main>
	);
}
