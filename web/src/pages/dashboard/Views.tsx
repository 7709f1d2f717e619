// Two views of reconciliation: how many units, and what a unit costs.
import { Link } from "react-aria-components";
import { t } from "../../i18n";

export const Views = ({ here }: { here: "/" | "/costs" }) => (
	<nav className="subtabs views" aria-label={t("costs.views")}>
		<Link href="/" className="subtab" aria-current={here === "/" ? "page" : undefined}>
			{t("costs.quantities")}
		</Link>
		<Link href="/costs" className="subtab" aria-current={here === "/costs" ? "page" : undefined}>
			{t("costs.title")}
		</Link>
	</nav>
);
