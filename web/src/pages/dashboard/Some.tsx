// A list that may be long: its beginning, and a button for more.
import { type ReactNode, useState } from "react";
import { t } from "../../i18n";
import { Button } from "../../ui";

const FIRST = 50;
const STEP = 250;

export function Some<T>({
	items,
	className,
	busy = false,
	children,
}: {
	items: T[];
	className: string;
	busy?: boolean;
	children: (item: T) => ReactNode;
}) {
	const [shown, setShown] = useState(FIRST);
	const left = items.length - shown;
	return (
		<>
			<ul className={className} aria-busy={busy}>
				{items.slice(0, shown).map(children)}
			</ul>
			{left > 0 && (
				<Button size="small" onPress={() => setShown(shown + STEP)}>
					{t("decide.show_more", { count: left })}
				</Button>
			)}
		</>
	);
}
